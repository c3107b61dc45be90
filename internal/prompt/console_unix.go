//go:build !windows

package prompt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// pasteWait is the longest pause within a paste.
	pasteWait = 10 * time.Millisecond
	// brokenWait is the same where the rest of the paste is thrown away.
	brokenWait = 50 * time.Millisecond
	// maxAhead bounds what is typed ahead, in bytes.
	maxAhead = 1 << 20
)

// errQuiet says that nothing was typed in the time given.
var errQuiet = errors.New("nothing typed")

// console is the terminal while questions are asked. It reads whatever has arrived and keeps it until it
// is used, so that no question loses what was typed for the next.
type console struct {
	in  *os.File
	out *os.File

	probe time.Duration // how long the terminal has to answer its first cursor query

	ahead  []byte   // read and not used
	ended  *os.File // readable when the question's context has ended
	echo   bool     // the terminal showed what is typed before the question
	afterR bool     // the last key was a carriage return
}

func newConsole(in, out *os.File) *console {
	return &console{in: in, out: out, probe: probeWait}
}

// begin makes the terminal ready for one question: keys come one by one, unshown, Ctrl-C among them, and
// lines have no length limit (a terminal in line mode cuts them at 4095 bytes). end puts the old mode back.
func (c *console) begin(ctx context.Context) (end func(), err error) {
	if ctx.Err() != nil {
		return nil, ErrInterrupted
	}
	old, err := unix.IoctlGetTermios(int(c.in.Fd()), getTermios)
	if err != nil {
		return nil, fmt.Errorf("reading the terminal's mode: %w", err)
	}
	release, err := c.watch(ctx)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetTermios(int(c.in.Fd()), setTermios, keyMode(*old)); err != nil {
		release()
		return nil, fmt.Errorf("setting the terminal's mode: %w", err)
	}
	c.echo = old.Lflag&unix.ECHO != 0
	c.afterR = false
	return func() {
		c.drain()
		_ = unix.IoctlSetTermios(int(c.in.Fd()), setTermios, old) // fails only when the terminal is gone
		release()
	}, nil
}

func keyMode(mode unix.Termios) *unix.Termios {
	mode.Iflag &^= unix.ICRNL | unix.INLCR | unix.IGNCR | unix.ISTRIP
	mode.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	return &mode
}

// watch makes the end of ctx visible to fill.
func (c *console) watch(ctx context.Context) (release func(), err error) {
	ended, signal, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("watching for an interrupt: %w", err)
	}
	c.ended = ended
	stop := context.AfterFunc(ctx, func() { signal.Close() })
	return func() {
		stop()
		signal.Close()
		ended.Close()
	}, nil
}

// drain takes in the rest of a paste: in the terminal's old mode long lines of it would be cut. It
// drops the second half of a line end.
func (c *console) drain() {
	if c.afterR && len(c.ahead) > 0 && c.ahead[0] == '\n' {
		c.take(1)
	}
	for len(c.ahead) > 0 && len(c.ahead) < maxAhead {
		if c.fill(pasteWait) != nil {
			return
		}
	}
}

// discard forgets what was typed ahead, to the end of a paste.
func (c *console) discard() error {
	for {
		c.ahead = nil
		if err := c.fill(brokenWait); errors.Is(err, errQuiet) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// fill adds to ahead what is typed within wait; a negative wait has no end.
func (c *console) fill(wait time.Duration) error {
	deadline := time.Now().Add(wait)
	for {
		ready, err := c.readable(wait)
		switch {
		case errors.Is(err, unix.EINTR):
			if wait >= 0 {
				wait = max(0, time.Until(deadline))
			}
			continue
		case err != nil:
			return fmt.Errorf("waiting for the terminal: %w", err)
		case !ready:
			return errQuiet
		}
		return c.read()
	}
}

// readable waits for input, or for the end of the question's context. It is not poll, which knows no terminals on macOS.
func (c *console) readable(wait time.Duration) (ready bool, err error) {
	in, ended := int(c.in.Fd()), int(c.ended.Fd())
	var set unix.FdSet
	set.Set(in)
	set.Set(ended)
	var timeout *unix.Timeval
	if wait >= 0 {
		timeout = new(unix.NsecToTimeval(wait.Nanoseconds()))
	}
	n, err := unix.Select(max(in, ended)+1, &set, nil, nil, timeout)
	if err == nil && set.IsSet(ended) {
		return false, ErrInterrupted
	}
	return n > 0, err
}

func (c *console) read() error {
	var buf [4096]byte
	n, err := unix.Read(int(c.in.Fd()), buf[:])
	switch {
	case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
		return nil
	case errors.Is(err, unix.EIO), err == nil && n == 0:
		return ErrInterrupted
	case err != nil:
		return fmt.Errorf("reading the terminal: %w", err)
	}
	c.ahead = append(c.ahead, buf[:n]...)
	return nil
}
