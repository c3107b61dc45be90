//go:build !windows

package prompt

import (
	"bytes"
	"testing"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in       string
		n        int
		complete bool
	}{
		{"\x1b", 1, false},
		{"\x1b[", 2, false},
		{"\x1b[12;3", 6, false},
		{"\x1b[12;3Rx", 7, true},
		{"\x1b[200~{", 6, true},
		{"\x1b[Ab", 3, true},
		{"\x1bO", 2, false},
		{"\x1bOPx", 3, true},
		{"\x1bO\r", 1, true},
		{"\x1bx", 1, true},
		{"\x1b\x1b[A", 1, true},
		{"\x1b[1\rx", 3, true},
		{"\x1b[" + string(bytes.Repeat([]byte("1"), 99)), 32, true},
	} {
		if n, complete := escape([]byte(tc.in)); n != tc.n || complete != tc.complete {
			t.Errorf("escape(%q) = %d, %v; want %d, %v", tc.in, n, complete, tc.n, tc.complete)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, seed := range []string{"", "[", "[1;2R", "OA", "[200~", "x", "\x1b", "[000000000000000000000000000000A"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, rest []byte) {
		b := append([]byte{esc}, rest...)
		n, complete := escape(b)
		if n < 1 || n > len(b) || n > maxEscape {
			t.Fatalf("escape(%q) = %d", b, n)
		}
		if !complete && n != len(b) {
			t.Fatalf("escape(%q) wants more bytes than it has looked at: %d", b, n)
		}
		if more, stillComplete := escape(append(b, 'x')); complete && (more != n || !stillComplete) {
			t.Fatalf("escape(%q) = %d, and %d with more behind it", b, n, more)
		}
	})
}

func TestFindCursorReport(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in    string
		start int
		found string
	}{
		{"R", -1, ""},
		{"ab\x1b[5;6Rcd", 2, "\x1b[5;6R"},
		{"\x1b[A\x1b[1;1R\x1b[2;2R", 3, "\x1b[1;1R"},
		{"\x1b[5;6", -1, ""},
		{"\x1b[5R", -1, ""},
		{"\x1b[;R", -1, ""},
		{"\x1b[?5;6R", -1, ""},
		{"\x1b[5;6;7R", -1, ""},
	} {
		start, end := findCursorReport([]byte(tc.in))
		if start != tc.start || start >= 0 && tc.in[start:end] != tc.found {
			t.Errorf("findCursorReport(%q) = %d, %d; want %q at %d", tc.in, start, end, tc.found, tc.start)
		}
	}
}

func TestWithoutColor(t *testing.T) {
	t.Parallel()
	const in = "\x1b[0G\x1b[1;92m? \x1b[0mm [m\x1b[2K\x1b"
	const want = "\x1b[0G? m [m\x1b[2K\x1b"
	if got := withoutColor([]byte(in)); string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSilenceShortensTheWait(t *testing.T) {
	t.Parallel()
	k := surveyKeys{console: &console{}, wait: 0}
	if report := k.report(); !isCursorReport(report) || k.wait != probeWait {
		t.Errorf("report %q, next wait %v", report, k.wait)
	}
}
