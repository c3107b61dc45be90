package undo

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/mcpauth/mcpauth/internal/edit"
	"github.com/rogpeppe/go-internal/diff"
)

// A Hunk is a run of whole lines that a plan has changed.
type Hunk struct {
	Line   int    `json:"line"`             // where Ours begins in what the plan wrote, from 1
	Above  []byte `json:"above,omitempty"`  // the line before; the first of a file has none
	Ours   []byte `json:"ours,omitempty"`   // what the plan wrote
	Theirs []byte `json:"theirs,omitempty"` // what was there
	Below  []byte `json:"below,omitempty"`  // the line after; the last of a file has none
	// By what the hunk can be told from the rest of the file, as the plan wrote it: its lines stand there once, or they
	// do with those around them; and what was there before does not stand there any more.
	Alone  bool `json:"alone,omitempty"`
	Around bool `json:"around,omitempty"`
	Gone   bool `json:"gone,omitempty"`
}

// between returns the hunks that make to out of from, in order.
func between(from, to []byte) []Hunk {
	lines := slices.Collect(bytes.Lines(from))
	var hunks []Hunk
	for _, r := range runs(from, to) {
		// A hunk without lines of its own could not be found again.
		if r.start == r.end && r.start > 0 {
			r.start--
			r.theirs = slices.Concat(lines[r.start], r.theirs)
		} else if r.start == r.end && r.end < len(lines) {
			r.theirs = slices.Concat(r.theirs, lines[r.end])
			r.end++
		}
		h := Hunk{Line: r.start + 1, Ours: bytes.Join(lines[r.start:r.end], nil), Theirs: r.theirs}
		if r.start > 0 {
			h.Above = lines[r.start-1]
		}
		if r.end < len(lines) {
			h.Below = lines[r.end]
		}
		h.Alone = once(from, h.Ours) >= 0
		h.Around = once(from, h.within(h.Ours)) >= 0
		h.Gone = (len(h.Theirs) == 0 || len(places(from, h.Theirs)) == 0) && len(places(from, h.within(h.Theirs))) == 0
		hunks = append(hunks, h)
	}
	return hunks
}

// within is lines between those around the hunk.
func (h Hunk) within(lines []byte) []byte { return slices.Concat(h.Above, lines, h.Below) }

// A run is the lines from start up to end, and what stood in their place.
type run struct {
	start, end int
	theirs     []byte
}

func runs(from, to []byte) []run {
	var list []run
	at, open, last := 0, false, byte(0)
	for i, row := range slices.Collect(bytes.Lines(diff.Diff("a", from, "b", to))) {
		kind := row[0]
		switch {
		case i < 3: // the names
		case kind == '@':
			at, open = firstLine(row), false
		case kind == ' ':
			at, open = at+1, false
		case kind == '\\': // there is no newline at the end of the file
			if r := &list[len(list)-1]; last == '+' {
				r.theirs = bytes.TrimSuffix(r.theirs, []byte("\n"))
			}
		default:
			if !open {
				list, open = append(list, run{start: at, end: at}), true
			}
			r := &list[len(list)-1]
			if kind == '+' {
				r.theirs = append(r.theirs, row[1:]...)
			} else {
				at++
				r.end = at
			}
		}
		last = kind
	}
	return list
}

// firstLine returns how many lines are before a chunk, which its head counts from 1, and from 0 where it has none.
func firstLine(head []byte) int {
	var start, count int
	if _, err := fmt.Sscanf(string(head), "@@ -%d,%d", &start, &count); err != nil || count == 0 {
		return start
	}
	return start - 1
}

// back takes hunks back in what the plan wrote: they are where it put them.
func back(written []byte, hunks []Hunk) ([]byte, error) {
	var edits []edit.Edit
	for _, h := range hunks {
		at := offset(written, h.Line)
		if at < 0 || !bytes.HasPrefix(written[at:], h.Ours) {
			return nil, fmt.Errorf("line %d is not what the plan wrote", h.Line)
		}
		edits = append(edits, edit.Edit{Start: at, End: at + len(h.Ours), New: h.Theirs})
	}
	return edit.Apply(written, edits)
}

// offset returns where a line begins, -1 if there is no such line.
func offset(content []byte, line int) int {
	at := 0
	for range line - 1 {
		n := bytes.IndexByte(content[at:], '\n')
		if n < 0 {
			return -1
		}
		at += n + 1
	}
	return at
}

// merge takes hunks back in what the person has made of it. It returns those that are not there, each exactly once; one
// that the person has taken back is not missed.
func merge(now []byte, hunks []Hunk) (merged []byte, lost []Hunk, err error) {
	var edits []edit.Edit
	for _, h := range hunks {
		at := h.find(now)
		if at < 0 && h.isBack(now) {
			continue
		}
		if at < 0 || len(edits) > 0 && at < edits[len(edits)-1].End {
			lost = append(lost, h)
			continue
		}
		edits = append(edits, edit.Edit{Start: at, End: at + len(h.Ours), New: h.Theirs})
	}
	if len(lost) > 0 {
		return nil, lost, nil
	}
	merged, err = edit.Apply(now, edits)
	return merged, nil, err
}

// find returns where the hunk is, -1 unless that is sure: with the lines around it, or by itself.
func (h Hunk) find(now []byte) int {
	if len(h.Ours) == 0 {
		return -1
	}
	if at := once(now, h.within(h.Ours)); at >= 0 && h.Around {
		return at + len(h.Above)
	}
	if !h.Alone {
		return -1
	}
	return once(now, h.Ours)
}

// isBack reports whether the lines from before are there instead: by themselves, or between those around the hunk.
func (h Hunk) isBack(now []byte) bool {
	if !h.Gone || len(places(now, h.Ours)) > 0 {
		return false
	}
	if len(h.Theirs) > 0 && once(now, h.Theirs) >= 0 {
		return true
	}
	around := h.within(h.Theirs)
	at := once(now, around)
	// What has no line before or after it is at the beginning or at the end.
	return at >= 0 && len(around) > 0 && (h.Above != nil || at == 0) && (h.Below != nil || at+len(around) == len(now))
}

// once returns where whole lines stand in content, -1 unless exactly once.
func once(content, lines []byte) int {
	if found := places(content, lines); len(found) == 1 {
		return found[0]
	}
	return -1
}

// places returns where whole lines stand in content.
func places(content, lines []byte) []int {
	var found []int
	for at := 0; at <= len(content); {
		n := bytes.Index(content[at:], lines)
		if n < 0 {
			break
		}
		start, end := at+n, at+n+len(lines)
		if (start == 0 || content[start-1] == '\n') && (end == len(content) || end > 0 && content[end-1] == '\n') {
			found = append(found, start)
		}
		at = start + 1
	}
	return found
}
