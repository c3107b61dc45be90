//go:build !windows

package prompt

import (
	"bytes"
	"os"
	"testing"
)

func TestCursorReportIsTakenOut(t *testing.T) {
	t.Parallel()
	c := console{ahead: []byte("a\x1b[5;6Rb\x1b[7;8R")}
	report, err := c.cursorReport(0)
	if err != nil || string(report) != "\x1b[5;6R" || string(c.ahead) != "ab\x1b[7;8R" {
		t.Errorf("report %q, %v; left %q", report, err, c.ahead)
	}
}

// Escape is followed by nothing, so that its meaning depends on time.
func TestEscapeKeyEnds(t *testing.T) {
	t.Parallel()
	c := console{in: silence(t), ended: silence(t), ahead: []byte{esc}}
	seq, err := c.sequence()
	if err != nil || string(seq) != "\x1b" || len(c.ahead) != 0 {
		t.Errorf("sequence %q, %v; left %q", seq, err, c.ahead)
	}
}

// silence is a file from which nothing ever comes.
func silence(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		w.Close()
	})
	return r
}

func TestEditor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ keys, line, screen string }{
		{"ab", "ab", "ab"},
		{"ab\x7f", "a", "ab\b \b"},
		{"ab\b", "a", "ab\b \b"},
		{"aé\x7f", "a", "aé\b \b"},
		{"\x7fa", "a", "a"},
		{"ab\x15c", "c", "ab\b \b\b \bc"},
		{"a\x00\x01b\tc", "ab\tc", "ab\tc"},
	} {
		var screen bytes.Buffer
		e := editor{screen: &screen}
		for i := range len(tc.keys) {
			if done, err := e.press([]byte{tc.keys[i]}); done || err != nil {
				t.Errorf("%q: key %d ends the line: %v", tc.keys, i, err)
			}
		}
		if string(e.line) != tc.line || screen.String() != tc.screen {
			t.Errorf("%q: line %q, screen %q; want %q, %q", tc.keys, e.line, screen.String(), tc.line, tc.screen)
		}
	}
}
