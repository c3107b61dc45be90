// Package edit changes bytes at known places and leaves all the others as they are.
package edit

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// An Edit replaces the bytes from Start up to End, offsets into what is edited, by New.
type Edit struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	New   []byte `json:"new"`
}

// Insert returns the edit that puts text at offset at.
func Insert(at int, text string) Edit { return Edit{Start: at, End: at, New: []byte(text)} }

// Apply returns src with the edits made. Their order does not matter, except that of insertions at one place. It
// is an error when two overlap or one is outside of src.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	var out bytes.Buffer
	last := 0
	for _, e := range sorted {
		if e.Start < last || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf("editing bytes %d to %d of %d: they overlap another edit, or are not there", e.Start, e.End, len(src))
		}
		out.Write(src[last:e.Start])
		out.Write(e.New)
		last = e.End
	}
	out.Write(src[last:])
	return out.Bytes(), nil
}

// Between returns edits that make to out of from: whole lines to remove where from has all the lines of to and
// more, otherwise one edit of what lies between their common beginning and their common end.
func Between(from, to []byte) []Edit {
	if edits, ok := removals(from, to); ok {
		return edits
	}
	start := 0
	for start < min(len(from), len(to)) && from[start] == to[start] {
		start++
	}
	end := 0
	for end < min(len(from), len(to))-start && from[len(from)-1-end] == to[len(to)-1-end] {
		end++
	}
	return []Edit{{Start: start, End: len(from) - end, New: bytes.Clone(to[start : len(to)-end])}}
}

// removals returns the runs of lines that from has besides those of to, and whether that is all the difference.
func removals(from, to []byte) ([]Edit, bool) {
	var edits []Edit
	at := 0
	want := slices.Collect(bytes.Lines(to))
	for line := range bytes.Lines(from) {
		next := at + len(line)
		switch last := len(edits) - 1; {
		case len(want) > 0 && bytes.Equal(line, want[0]):
			want = want[1:]
		case last >= 0 && edits[last].End == at:
			edits[last].End = next
		default:
			edits = append(edits, Edit{Start: at, End: next})
		}
		at = next
	}
	return edits, len(want) == 0
}
