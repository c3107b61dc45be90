package dev_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/dev"
)

func TestLogsPrefixWholeLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for _, tc := range []struct {
		name   string
		writes []string
		want   string
	}{
		{"a line", []string{"one\n"}, "server | one\n"},
		{"two at once", []string{"one\ntwo\n"}, "server | one\nserver | two\n"},
		{"in pieces", []string{"o", "n", "e\nt", "wo\n"}, "server | one\nserver | two\n"},
		{"empty line", []string{"\n\n"}, "server | \nserver | \n"},
		{"no end", []string{"one\ntwo"}, "server | one\nserver | two\n"},
		{"carriage return", []string{"one\r", "\n"}, "server | one\n"},
		{"long", []string{long, "\n"}, "server | " + long[:1<<16] + "\nserver | " + long[1<<16:] + "\n"},
		{"nothing", nil, ""},
	} {
		var out bytes.Buffer
		s := dev.NewLogs(&out, dev.LogOptions{}).Stream(dev.ServerName)
		for _, w := range tc.writes {
			if n, err := s.Write([]byte(w)); n != len(w) || err != nil {
				t.Errorf("%s: %d, %v", tc.name, n, err)
			}
		}
		s.Flush()
		s.Flush()
		if out.String() != tc.want {
			t.Errorf("%s: got %.200q, want %.200q", tc.name, out.String(), tc.want)
		}
	}
}

// TestLogsHoldAnUnfinishedLine wants a line to wait for its end while others are written.
func TestLogsHoldAnUnfinishedLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logs := dev.NewLogs(&out, dev.LogOptions{})
	s := logs.Stream(dev.ServerName)
	fmt.Fprint(s, "half a ")
	logs.Line(dev.AuthName, "GET /keys 200")
	fmt.Fprint(s, "line\n")
	if want := "auth   | GET /keys 200\nserver | half a line\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestLogsDoNotMixLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer // written to under the lock of the logs
	logs := dev.NewLogs(&out, dev.LogOptions{})
	var wg sync.WaitGroup
	for _, name := range []string{dev.AuthName, dev.ServerName, dev.DevName} {
		wg.Go(func() {
			s := logs.Stream(name)
			for range 200 {
				fmt.Fprint(s, "from ")
				fmt.Fprint(s, name+"\n")
			}
		})
	}
	wg.Wait()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 600 {
		t.Errorf("%d lines, want 600", len(lines))
	}
	for _, line := range lines {
		name, text, _ := strings.Cut(line, "| ")
		if text != "from "+strings.TrimSpace(name) {
			t.Fatalf("mixed: %q", line)
		}
	}
}

func TestLogsInColour(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logs := dev.NewLogs(&out, dev.LogOptions{Color: true})
	logs.Line(dev.AuthName, "a")
	logs.Line(dev.ServerName, "s")
	if want := "\x1b[36mauth   |\x1b[0m a\n\x1b[32mserver |\x1b[0m s\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestQuietLogsShowProblemsOnly(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logs := dev.NewLogs(&out, dev.LogOptions{Quiet: true})
	logs.Line(dev.AuthName, "a")
	logs.Problem(errors.New("broken\nin two lines"))
	if want := "dev    | broken\ndev    | in two lines\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

type full struct{ writes int }

func (f *full) Write([]byte) (int, error) {
	f.writes++
	return 0, errors.New("no reader")
}

func TestLogsReportAReaderThatHasGone(t *testing.T) {
	t.Parallel()
	out, failed := &full{}, 0
	logs := dev.NewLogs(out, dev.LogOptions{Failed: func(error) { failed++ }})
	logs.Line(dev.AuthName, "one")
	logs.Line(dev.AuthName, "two")
	if failed != 1 || out.writes != 1 {
		t.Errorf("reported %d times after %d writes, want once after one", failed, out.writes)
	}
}
