//go:build !windows

package iostreams_test

import (
	"io"
	"os"
	"testing"

	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestColorAndPlain(t *testing.T) {
	t.Parallel()
	_, tty := prompttest.Open(t, false)
	for _, tc := range []struct {
		name         string
		env          map[string]string
		out          io.Writer
		color, plain bool
	}{
		{"terminal", nil, tty, true, false},
		{"NO_COLOR", map[string]string{"NO_COLOR": "1"}, tty, false, false},
		{"dumb", map[string]string{"TERM": "dumb"}, tty, false, true},
		{"other TERM", map[string]string{"TERM": "xterm"}, tty, true, false},
		{"ACCESSIBLE", map[string]string{"ACCESSIBLE": "1"}, tty, true, true},
		{"not a terminal", nil, io.Discard, false, false},
	} {
		s := iostreams.New(tty, tc.out, tc.out, env(tc.env))
		if s.ColorOut() != tc.color || s.ColorErr() != tc.color || s.Plain() != tc.plain {
			t.Errorf("%s: colour on stdout %v, on stderr %v, plain %v; want %v, %v", tc.name, s.ColorOut(), s.ColorErr(), s.Plain(), tc.color, tc.plain)
		}
		s.DisableColor()
		if s.ColorOut() || s.ColorErr() {
			t.Errorf("%s: colour after DisableColor", tc.name)
		}
	}
}

func TestEachStreamIsJudgedAlone(t *testing.T) {
	t.Parallel()
	_, tty := prompttest.Open(t, false)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for i := range 3 {
		f := []*os.File{null, null, null}
		f[i] = tty
		s := iostreams.New(f[0], f[1], f[2], env(nil))
		got := [3]bool{s.InTerminal(), s.OutTerminal(), s.ErrTerminal()}
		want := [3]bool{i == 0, i == 1, i == 2}
		if got != want {
			t.Errorf("terminal at %d: stdin, stdout, stderr are terminals: %v", i, got)
		}
		if s.ColorOut() != want[1] || s.ColorErr() != want[2] {
			t.Errorf("terminal at %d: colour on stdout %v, on stderr %v", i, s.ColorOut(), s.ColorErr())
		}
	}
}
