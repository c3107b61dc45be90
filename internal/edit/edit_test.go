package edit_test

import (
	"bytes"
	"testing"

	"github.com/mcpauth/mcpauth/internal/edit"
)

func TestApply(t *testing.T) {
	t.Parallel()
	got, err := edit.Apply([]byte("serve(mux)\r\n"), []edit.Edit{edit.Insert(9, ")"), edit.Insert(6, "with("), {Start: 0, End: 1, New: []byte("S")}})
	if want := "Serve(with(mux))\r\n"; err != nil || string(got) != want {
		t.Errorf("got %q, want %q: %v", got, want, err)
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	for _, edits := range [][]edit.Edit{
		{{Start: 0, End: 3}, {Start: 2, End: 4}},
		{{Start: 0, End: 5}},
		{{Start: 3, End: 2}},
		{{Start: -1, End: 0}},
	} {
		if got, err := edit.Apply([]byte("abcd"), edits); err == nil {
			t.Errorf("%v: got %q", edits, got)
		}
	}
}

// TestBetweenKeepsScatteredLines wants added lines to be removed one run at a time, not all that lies between them stored.
func TestBetweenKeepsScatteredLines(t *testing.T) {
	t.Parallel()
	edits := edit.Between([]byte("new\na\nnew\nb\n"), []byte("a\nb\n"))
	if len(edits) != 2 || len(edits[0].New)+len(edits[1].New) > 0 {
		t.Errorf("got %v", edits)
	}
}

// FuzzBetween wants the edits between two texts to make one out of the other.
func FuzzBetween(f *testing.F) {
	f.Add([]byte("a\nb\nc\n"), []byte("a\nc\n"))
	f.Add([]byte("a\r\nwith(b)\r\n"), []byte("a\r\nb\r\n"))
	f.Add([]byte("aaa"), []byte("aa"))
	f.Add([]byte(""), []byte("x"))
	f.Fuzz(func(t *testing.T, from, to []byte) {
		got, err := edit.Apply(from, edit.Between(from, to))
		if err != nil || !bytes.Equal(got, to) {
			t.Errorf("from %q to %q: got %q, %v", from, to, got, err)
		}
	})
}
