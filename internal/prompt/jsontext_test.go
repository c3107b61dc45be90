package prompt

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestBraceCounter(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lines  string
		closed string // per line: does it close the object?
	}{
		{`{}`, "y"},
		{"{\n}", "ny"},
		{"{\"a\": {\n}\n}", "nny"},
		{`{"}": 1` + "\n}", "ny"},
		{`{"\"}": 1` + "\n}", "ny"},
		{`{"\\": 1}`, "y"},
		{`{"a": "{{{"}`, "y"},
		{"{\"a\n}\"\n}", "nny"},
		{`}`, "y"},
	} {
		var braces braceCounter
		var got strings.Builder
		for line := range strings.SplitSeq(tc.lines, "\n") {
			if braces.add(line) {
				got.WriteByte('y')
			} else {
				got.WriteByte('n')
			}
		}
		if got.String() != tc.closed {
			t.Errorf("%q: closed: %s, want %s", tc.lines, got.String(), tc.closed)
		}
	}
}

// A JSON object is closed on its last line and on no other.
func FuzzBraceCounter(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":{"b":"}"}}`, `{"a\"":["{",{"\\":1}]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.TrimSpace(text)
		if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
			return
		}
		var braces braceCounter
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			if closed := braces.add(line); closed != (i == len(lines)-1) {
				t.Fatalf("line %d of %d of %q: closed %v", i+1, len(lines), text, closed)
			}
		}
	})
}

func TestWellFormed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a": 1}`:             "",
		"{\n\"a\": x}":         "line 2",
		"{\"a\": 1}\n\n;":      "line 3",
		"":                     "line 1",
		"{\n":                  "unexpected end",
		"{\"a\": \"b\nc\"}":    "line 1",
		"{}\n{\"second\": 1}":  "line 2",
		strings.Repeat("[", 9): "unexpected end",
	} {
		err := wellFormed(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
