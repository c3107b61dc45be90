package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/windows"
)

// console is the terminal while questions are asked. Lines come from the console's own line editor. A read
// cannot be called off: when the context ends during one, its goroutine stays behind.
type console struct {
	in  *os.File
	out *os.File

	ctx   context.Context // of the present question
	lines chan line       // result of the read under way, nil when there is none
}

type line struct {
	text string
	err  error
}

func newConsole(in, out *os.File) *console { return &console{in: in, out: out} }

func (c *console) handle() windows.Handle { return windows.Handle(c.in.Fd()) }

// begin notes the console's mode; end puts it back.
func (c *console) begin(ctx context.Context) (end func(), err error) {
	if ctx.Err() != nil {
		return nil, ErrInterrupted
	}
	c.ctx = ctx
	var mode uint32
	if err := windows.GetConsoleMode(c.handle(), &mode); err != nil {
		return nil, fmt.Errorf("reading the console's mode: %w", err)
	}
	return func() { _ = windows.SetConsoleMode(c.handle(), mode) }, nil
}

// answersQuery is true: survey asks the console, not the terminal, where the cursor is.
func (c *console) answersQuery() (bool, error) { return true, nil }

// discard forgets what was typed ahead.
func (c *console) discard() error { return windows.FlushConsoleInputBuffer(c.handle()) }

// readLine reads a line, shown as it is typed if show is set. Ctrl-C is ErrInterrupted; Ctrl-D is
// io.EOF with what the line has before it.
func (c *console) readLine(show bool) (string, error) {
	if !show {
		restore, err := c.hide()
		if err != nil {
			return "", err
		}
		defer restore()
	}
	if c.lines == nil {
		c.lines = make(chan line, 1)
		go readConsoleLine(c.in, c.lines)
	}
	select {
	case <-c.ctx.Done():
		return "", ErrInterrupted
	case read := <-c.lines:
		c.lines = nil
		return cutEnd(read)
	}
}

func cutEnd(read line) (string, error) {
	if read.err != nil && !errors.Is(read.err, io.EOF) {
		return "", fmt.Errorf("reading the console: %w", read.err)
	}
	text, _, found := strings.Cut(read.text, "\x04")
	if found {
		return text, io.EOF
	}
	return strings.TrimSuffix(text, "\r"), read.err
}

// readConsoleLine reads byte by byte, so that it takes nothing of the next line.
func readConsoleLine(in io.Reader, lines chan<- line) {
	var text []byte
	var b [1]byte
	for {
		n, err := in.Read(b[:])
		if n == 1 && b[0] != '\n' {
			text = append(text, b[0])
		}
		if err != nil || n == 1 && b[0] == '\n' {
			lines <- line{string(text), err}
			return
		}
	}
}

// hide switches echo off until restore.
func (c *console) hide() (restore func(), err error) {
	var mode uint32
	if err := windows.GetConsoleMode(c.handle(), &mode); err != nil {
		return nil, fmt.Errorf("reading the console's mode: %w", err)
	}
	if err := windows.SetConsoleMode(c.handle(), mode&^windows.ENABLE_ECHO_INPUT); err != nil {
		return nil, fmt.Errorf("hiding the console's input: %w", err)
	}
	return func() {
		_ = windows.SetConsoleMode(c.handle(), mode)
		_, _ = io.WriteString(c.out, "\n")
	}, nil
}
