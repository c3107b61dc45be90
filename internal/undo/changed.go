package undo

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A ChangedError names what was changed since the plan was made, which undoing would lose.
type ChangedError struct{ Changes []Change }

// A Change is a place that is no longer as the plan left it.
type Change struct {
	Path string
	Line int    // from 1; 0 for a whole file
	Ours []byte // what the plan wrote
	Now  []byte // what is there; nil where that cannot be told
}

func (e ChangedError) Error() string {
	var b strings.Builder
	b.WriteString("changed since:")
	for _, c := range e.Changes {
		b.WriteString("\n" + c.String())
	}
	return b.String()
}

// String is file:line, and for a hunk a small diff from what the plan wrote to what is there.
func (c Change) String() string {
	if c.Line == 0 {
		return "  " + c.Path
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  %s:%d", c.Path, c.Line)
	for _, side := range []struct {
		sign  string
		lines []byte
	}{{"-", c.Ours}, {"+", c.Now}} {
		for line := range bytes.Lines(side.lines) {
			fmt.Fprintf(&b, "\n    %s%s", side.sign, bytes.TrimRight(line, "\r\n"))
		}
	}
	return b.String()
}

// change says what has become of a hunk that is not found.
func (h Hunk) change(path string, now []byte) Change {
	c := Change{Path: path, Line: h.Line, Ours: h.Ours}
	start, end := 0, len(now)
	if h.Above != nil {
		if start = once(now, h.Above); start < 0 {
			return c
		}
		start += len(h.Above)
	}
	if h.Below != nil {
		n := once(now[start:], h.Below)
		if n < 0 {
			return c
		}
		end = start + n
	}
	c.Line = 1 + bytes.Count(now[:start], []byte("\n"))
	c.Now = slices.Clone(now[start:end])
	return c
}
