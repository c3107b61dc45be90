package iostreams

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func report(s *Streams, took time.Duration) string {
	var out bytes.Buffer
	s.Err = &out
	done := s.Progress("building the project")
	time.Sleep(took)
	done()
	done()
	return out.String()
}

func TestProgress(t *testing.T) {
	t.Parallel()
	const line = "building the project...\n"
	for _, tc := range []struct {
		name    string
		streams Streams
		took    time.Duration
		want    string
	}{
		{"no terminal", Streams{}, time.Second, line},
		{"no terminal, quick", Streams{}, 499 * time.Millisecond, ""},
		{"terminal, quick", Streams{errTerminal: true}, 499 * time.Millisecond, ""},
		{"plain terminal", Streams{errTerminal: true, plain: true}, time.Second, line},
		{"quiet", Streams{quiet: true}, time.Second, ""},
		{"quiet terminal", Streams{errTerminal: true, quiet: true}, time.Second, ""},
		{"terminal", Streams{errTerminal: true}, 700 * time.Millisecond,
			"\r| building the project\r/ building the project\r" + strings.Repeat(" ", 22) + "\r"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := report(&tc.streams, tc.took); got != tc.want {
					t.Errorf("printed %q, want %q", got, tc.want)
				}
			})
		})
	}
}

func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, _, _ := Test()
		s.Silence()
		if got := report(s, time.Second); got != "" {
			t.Errorf("printed %q after Silence", got)
		}
	})
}
