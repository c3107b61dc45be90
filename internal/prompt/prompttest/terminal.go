//go:build !windows

package prompttest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A Terminal is the person's side of a pseudo-terminal, 24 rows by 80 columns.
type Terminal struct {
	t        testing.TB
	master   *os.File
	answer   bool          // answer cursor position queries
	finished chan struct{} // closed when the process has ended
	drained  chan struct{} // closed when nothing more can be printed

	mu      sync.Mutex
	seen    bytes.Buffer
	matched int           // how much of seen Expect has used up
	asked   int           // how much of seen was searched for queries
	more    chan struct{} // closed, and replaced, when seen grows
	closed  bool
}

const (
	query = "\x1b[6n"
	reply = "\x1b[5;5R"
)

// Open returns a terminal and the file that a program under test uses as its stdin and stderr.
// The terminal answers cursor position queries if answerCPR is set.
func Open(t testing.TB, answerCPR bool) (*Terminal, *os.File) {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatalf("opening a pseudo-terminal: %v", err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatalf("sizing a pseudo-terminal: %v", err)
	}
	t.Cleanup(func() {
		tty.Close()
		master.Close()
	})
	return watch(t, master, answerCPR), tty
}

// Start runs cmd with the terminal as its controlling terminal. Of stdin, stdout and stderr, those that
// cmd leaves nil become the terminal. The process is killed when the test ends before it does.
func Start(t testing.TB, cmd *exec.Cmd, answerCPR bool) *Terminal {
	t.Helper()
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatalf("starting %s on a pseudo-terminal: %v", cmd.Path, err)
	}
	term := watch(t, master, answerCPR)
	go func() {
		cmd.Wait()
		close(term.finished)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-term.finished
		master.Close()
	})
	return term
}

func watch(t testing.TB, master *os.File, answerCPR bool) *Terminal {
	t.Helper()
	err := onDescriptor(master, func(fd int) error { return unix.SetNonblock(fd, true) })
	if err != nil {
		t.Fatalf("preparing a pseudo-terminal: %v", err)
	}
	term := &Terminal{
		t: t, master: master, answer: answerCPR,
		finished: make(chan struct{}), drained: make(chan struct{}), more: make(chan struct{}),
	}
	go term.read()
	return term
}

func (term *Terminal) read() {
	defer close(term.drained)
	buf := make([]byte, 4096)
	for {
		n, err := term.master.Read(buf)
		replies := term.note(buf[:n], err != nil)
		if replies > 0 {
			term.master.WriteString(strings.Repeat(reply, replies))
		}
		if err != nil {
			return
		}
	}
}

// note keeps what was read and returns how many queries it completes that want an answer.
func (term *Terminal) note(b []byte, closed bool) (replies int) {
	term.mu.Lock()
	defer term.mu.Unlock()
	term.seen.Write(b)
	term.closed = closed
	for term.answer {
		i := bytes.Index(term.seen.Bytes()[term.asked:], []byte(query))
		if i < 0 {
			break
		}
		term.asked += i + len(query)
		replies++
	}
	close(term.more)
	term.more = make(chan struct{})
	return replies
}

// Send types text. A line ends with "\r", as the Enter key sends it.
func (term *Terminal) Send(text string) {
	term.t.Helper()
	if _, err := term.master.WriteString(text); err != nil {
		term.t.Fatalf("typing %q: %v", text, err)
	}
}

// Expect waits until the program has printed text, looking only behind what an earlier Expect found.
// It ends the test when that takes longer than timeout.
func (term *Terminal) Expect(text string, timeout time.Duration) {
	term.t.Helper()
	deadline := time.After(timeout)
	for {
		found, closed, more := term.find(text)
		if found {
			return
		}
		if closed {
			term.t.Fatalf("the program ended before it printed %q; it printed:\n%q", text, term.Transcript())
		}
		select {
		case <-more:
		case <-deadline:
			term.t.Fatalf("%q was not printed in %v; printed so far:\n%q", text, timeout, term.Transcript())
		}
	}
}

func (term *Terminal) find(text string) (found, closed bool, more <-chan struct{}) {
	term.mu.Lock()
	defer term.mu.Unlock()
	i := bytes.Index(term.seen.Bytes()[term.matched:], []byte(text))
	if i >= 0 {
		term.matched += i + len(text)
	}
	return i >= 0, term.closed, term.more
}

// Transcript returns everything printed so far, echoed input and escape sequences included.
func (term *Terminal) Transcript() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.seen.String()
}

// Wait waits until cmd, which was given to [Start], ends and returns its exit code. It ends the test
// when that takes longer than timeout.
func (term *Terminal) Wait(cmd *exec.Cmd, timeout time.Duration) int {
	term.t.Helper()
	deadline := time.After(timeout)
	for _, end := range []<-chan struct{}{term.finished, term.drained} {
		select {
		case <-end:
		case <-deadline:
			term.t.Fatalf("the program did not end in %v; it printed:\n%q", timeout, term.Transcript())
		}
	}
	return cmd.ProcessState.ExitCode()
}

// Mode returns the terminal's present mode.
func (term *Terminal) Mode() unix.Termios {
	term.t.Helper()
	var mode *unix.Termios
	err := onDescriptor(term.master, func(fd int) (err error) {
		mode, err = unix.IoctlGetTermios(fd, getTermios)
		return err
	})
	if err != nil {
		term.t.Fatalf("reading the terminal's mode: %v", err)
	}
	return *mode
}

// HideInput switches the terminal's echo off.
func (term *Terminal) HideInput() {
	term.t.Helper()
	mode := term.Mode()
	mode.Lflag &^= unix.ECHO
	err := onDescriptor(term.master, func(fd int) error { return unix.IoctlSetTermios(fd, setTermios, &mode) })
	if err != nil {
		term.t.Fatalf("switching echo off: %v", err)
	}
}

// onDescriptor does not use f.Fd, after which Close would wait for a Read.
func onDescriptor(f *os.File, do func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var doErr error
	err = conn.Control(func(fd uintptr) { doErr = do(int(fd)) })
	return errors.Join(err, doErr)
}

// Hangup closes the person's side, as a closed window does.
func (term *Terminal) Hangup() {
	term.t.Helper()
	if err := term.master.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		term.t.Fatalf("hanging up: %v", err)
	}
}
