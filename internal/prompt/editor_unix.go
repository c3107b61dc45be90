//go:build !windows

package prompt

import (
	"io"
	"unicode/utf8"
)

// readLine reads a line and shows it as it is typed, if show is set and the terminal did so before. Backspace
// and Ctrl-U correct it. Ctrl-C is ErrInterrupted, Ctrl-D is io.EOF with what the line has so far.
func (c *console) readLine(show bool) (string, error) {
	e := editor{screen: io.Discard}
	if show && c.echo {
		e.screen = c.out
	}
	if c.echo {
		defer io.WriteString(c.out, "\n")
	}
	for len(e.line) <= maxAnswer {
		key, err := c.next()
		if err != nil {
			return "", err
		}
		if done, err := e.press(key); done {
			return string(e.line), err
		}
	}
	return "", errTooLong
}

// editor is a line being typed.
type editor struct {
	line   []byte
	screen io.Writer
}

// press applies one key and says whether it ends the line.
func (e *editor) press(key []byte) (done bool, err error) {
	switch k := key[0]; {
	case k == '\r' || k == '\n':
		return true, nil
	case k == ctrlC:
		return true, ErrInterrupted
	case k == ctrlD:
		return true, io.EOF
	case k == del || k == '\b':
		e.erase()
	case k == ctrlU:
		for len(e.line) > 0 {
			e.erase()
		}
	case k >= ' ' || k == '\t':
		e.line = append(e.line, k)
		_, _ = e.screen.Write(key)
	}
	return false, nil
}

func (e *editor) erase() {
	if len(e.line) == 0 {
		return
	}
	_, n := utf8.DecodeLastRune(e.line)
	e.line = e.line[:len(e.line)-n]
	_, _ = io.WriteString(e.screen, "\b \b")
}
