//go:build !windows

package prompt

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

const (
	// probeWait is how long a terminal has to say where its cursor is before it counts as one that never does.
	probeWait = 200 * time.Millisecond
	// escapeWait tells the Escape key from the start of an escape sequence.
	escapeWait = 50 * time.Millisecond
)

const cursorQuery = "\x1b[6n"

// answersQuery asks the terminal where its cursor is. What is typed meanwhile is kept; an answer that comes
// too late is dropped by next.
func (c *console) answersQuery() (bool, error) {
	if _, err := io.WriteString(c.out, cursorQuery); err != nil {
		return false, fmt.Errorf("querying the terminal: %w", err)
	}
	_, err := c.cursorReport(c.probe)
	if errors.Is(err, errQuiet) {
		return false, nil
	}
	return err == nil, err
}

// cursorReport takes the first cursor report out of what is typed.
func (c *console) cursorReport(wait time.Duration) ([]byte, error) {
	deadline := time.Now().Add(wait)
	for {
		if start, end := findCursorReport(c.ahead); start >= 0 {
			report := slices.Clone(c.ahead[start:end])
			c.ahead = slices.Delete(c.ahead, start, end)
			return report, nil
		}
		left := time.Until(deadline)
		if left <= 0 || len(c.ahead) >= maxAhead {
			return nil, errQuiet
		}
		if err := c.fill(left); err != nil {
			return nil, err
		}
	}
}

// next returns one key: a byte of text, a control character or an editing key's escape sequence. Every other sequence,
// such as a late cursor report or the marks around a paste, is dropped.
func (c *console) next() ([]byte, error) {
	for {
		if len(c.ahead) == 0 {
			if err := c.fill(-1); err != nil {
				return nil, err
			}
			continue
		}
		afterR := c.afterR
		c.afterR = c.ahead[0] == '\r'
		switch {
		case c.ahead[0] == esc:
			seq, err := c.sequence()
			if err != nil || isEditing(seq) {
				return seq, err
			}
		case c.ahead[0] == '\n' && afterR:
			c.take(1)
		default:
			return c.take(1), nil
		}
	}
}

// sequence takes the escape sequence that comes next.
func (c *console) sequence() ([]byte, error) {
	for {
		n, complete := escape(c.ahead)
		if complete {
			return c.take(n), nil
		}
		err := c.fill(escapeWait)
		if errors.Is(err, errQuiet) {
			return c.take(n), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (c *console) take(n int) []byte {
	taken := c.ahead[:n:n]
	c.ahead = c.ahead[n:]
	return taken
}
