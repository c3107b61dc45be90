package script

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/mcpauth/mcpauth/internal/edit"
)

// BOM is the byte order mark of UTF-8, which some editors put before a file.
const BOM = "\ufeff"

// A Text is the bytes of a file, and where its lines are.
type Text struct {
	Path string // relative to the project
	Src  []byte
}

// Line returns the number of the line of an offset, from 1.
func (t Text) Line(offset int) int { return 1 + bytes.Count(t.Src[:offset], []byte("\n")) }

// Position returns file:line of an offset.
func (t Text) Position(offset int) string { return fmt.Sprintf("%s:%d", t.Path, t.Line(offset)) }

// LineStart returns the offset at which the line of an offset begins.
func (t Text) LineStart(offset int) int { return bytes.LastIndexByte(t.Src[:offset], '\n') + 1 }

// LineEnd returns the offset behind the line of an offset, its newline included.
func (t Text) LineEnd(offset int) int {
	if n := bytes.IndexByte(t.Src[offset:], '\n'); n >= 0 {
		return offset + n + 1
	}
	return len(t.Src)
}

// Newline is how the line of an offset ends. The last one, which may end in nothing, ends as the first.
func (t Text) Newline(offset int) string {
	end := t.LineEnd(offset)
	if end == len(t.Src) && !bytes.HasSuffix(t.Src, []byte("\n")) {
		end = t.LineEnd(0)
	}
	if bytes.HasSuffix(t.Src[:end], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// Indent is the blank beginning of the line of an offset.
func (t Text) Indent(offset int) string {
	line := t.Src[t.LineStart(offset):t.LineEnd(offset)]
	line = bytes.TrimPrefix(line, []byte(BOM))
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t\f"))])
}

// After returns the edit that puts a line behind the one of an offset.
func (t Text) After(offset int, line string) edit.Edit {
	end, newline := t.LineEnd(offset), t.Newline(offset)
	if end == len(t.Src) && !bytes.HasSuffix(t.Src, []byte("\n")) {
		return edit.Insert(end, newline+line)
	}
	return edit.Insert(end, line+newline)
}

// Before returns the edit that puts a line in front of the one of an offset, behind a byte order mark.
func (t Text) Before(offset int, line string) edit.Edit {
	start := t.LineStart(offset)
	if start == 0 && bytes.HasPrefix(t.Src, []byte(BOM)) {
		start = len(BOM)
	}
	return edit.Insert(start, line+t.Newline(offset))
}

// OneLine is source in one line that is not too long for a list.
func OneLine(source []byte) string {
	const longest = 60 // characters
	line := []rune(strings.Join(strings.Fields(string(source)), " "))
	if len(line) > longest {
		return string(line[:longest-1]) + "…"
	}
	return string(line)
}

// Fresh returns name, or with a number after it, so that it is not among the used ones.
func Fresh(used map[string]bool, name string) string {
	candidate := name
	for i := 2; used[candidate]; i++ {
		candidate = fmt.Sprintf("%s_%d", name, i)
	}
	return candidate
}
