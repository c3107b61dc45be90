//go:build !windows

package prompt

import (
	"bytes"
	"strconv"
	"strings"
)

const (
	ctrlC = 0x03
	ctrlD = 0x04
	ctrlU = 0x15
	esc   = 0x1b
	del   = 0x7f
)

// maxEscape is longer than any escape sequence that a terminal sends.
const maxEscape = 32

// escape returns the length of the escape sequence that b begins with, or complete false when that
// takes more bytes to say. Where b begins with none, only ESC itself counts.
func escape(b []byte) (n int, complete bool) {
	switch {
	case len(b) < 2:
		return len(b), false
	case b[1] == '[':
		return controlSequence(b)
	case b[1] == 'O' && len(b) < 3:
		return len(b), false
	case b[1] == 'O' && isFinal(b[2]):
		return 3, true
	}
	return 1, true
}

// controlSequence is escape for ESC [. A byte that cannot be part of the sequence breaks it off.
func controlSequence(b []byte) (n int, complete bool) {
	for i := 2; i < len(b); i++ {
		switch {
		case i >= maxEscape || b[i] < ' ' || b[i] > '~':
			return i, true
		case isFinal(b[i]):
			return i + 1, true
		}
	}
	return len(b), false
}

func isFinal(c byte) bool { return '@' <= c && c <= '~' }

// isEditing says whether survey knows the key: arrows, Home, End and Delete. It would take others for text
// or give up.
func isEditing(seq []byte) bool {
	if string(seq) == "\x1b[3~" {
		return true
	}
	return len(seq) == 3 && strings.IndexByte("ABCDFH", seq[2]) >= 0
}

// isCursorReport recognizes ESC [ row ; column R.
func isCursorReport(seq []byte) bool {
	body, ok := bytes.CutPrefix(seq, []byte("\x1b["))
	if !ok || !bytes.HasSuffix(body, []byte("R")) {
		return false
	}
	row, column, ok := bytes.Cut(body[:len(body)-1], []byte(";"))
	return ok && isNumber(row) && isNumber(column)
}

func isNumber(b []byte) bool {
	_, err := strconv.ParseUint(string(b), 10, 16)
	return err == nil
}

// findCursorReport returns where the first cursor report in b is, or start -1.
func findCursorReport(b []byte) (start, end int) {
	for i, c := range b {
		if c != esc {
			continue
		}
		if n, complete := escape(b[i:]); complete && isCursorReport(b[i:i+n]) {
			return i, i + n
		}
	}
	return -1, -1
}
