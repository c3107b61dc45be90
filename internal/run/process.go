// Package run starts processes and ends them by their id.
//
// A child gets exactly the environment it is given: variables such as PORT or SK_CLIENT_SECRET never
// reach it by accident. On unix it leads a process group of its own, so that what it starts ends with it.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"time"
)

// DefaultGrace is how long a process may take to stop before it is killed.
const DefaultGrace = 10 * time.Second

// Command describes a program to start.
type Command struct {
	// Path is the program, looked up in PATH when it holds no separator.
	Path string
	Args []string
	// Dir is the working directory. Empty means the current one.
	Dir string
	// Env is the whole environment of the child. Nil means none at all; see Environment.
	Env []string
	// Input is what the child reads from stdin. Nil means nothing.
	Input io.Reader
	// Grace is how long Stop waits before it kills. Zero means DefaultGrace.
	Grace time.Duration
	// Output receives a copy of what the child writes to stdout and stderr. It may be nil.
	Output io.Writer
	// LogLimit is how many bytes of output are kept, the latest ones. Zero means DefaultLogLimit.
	LogLimit int
}

// Process is a started program.
type Process struct {
	cmd   *exec.Cmd
	grace time.Duration
	log   *log
	done  chan struct{}

	mu     sync.Mutex
	err    error // what waiting for the process returned; valid once done is closed
	killed bool  // by Stop, once its grace was over
}

// Start starts a program. It is killed when ctx ends.
func Start(ctx context.Context, c Command) (*Process, error) {
	p := &Process{grace: c.Grace, log: newLog(c.LogLimit, c.Output), done: make(chan struct{})}
	if p.grace == 0 {
		p.grace = DefaultGrace
	}
	p.cmd = newCmd(ctx, c)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.Path, err)
	}
	go func() {
		err := p.cmd.Wait()
		_ = kill(p.cmd.Process) // what is left of its group, while the id cannot have been given away
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(p.done)
	}()
	return p, nil
}

// pipeDelay is how long output is waited for after the process has ended, in case a grandchild that
// escaped its group still holds the pipe.
const pipeDelay = 2 * time.Second

func newCmd(ctx context.Context, c Command) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Path, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = c.Env
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	cmd.Stdin = c.Input
	cmd.WaitDelay = pipeDelay
	isolate(cmd)
	cmd.Cancel = func() error { return kill(cmd.Process) }
	return cmd
}

// PID is the id of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Listening returns the TCP addresses at which the process, or one of its group, listens, in order. The error is
// errors.ErrUnsupported on systems that do not tell.
func (p *Process) Listening() ([]netip.AddrPort, error) { return listening(p.PID()) }

// Done is closed when the process has ended and its output is complete.
func (p *Process) Done() <-chan struct{} { return p.done }

// Log returns the latest output, stdout and stderr as they came.
func (p *Process) Log() []byte { return p.log.bytes() }

// Terminate asks the process to stop, with SIGTERM where there is such a thing. On Windows, where there
// is not, it kills. A process that has ended already is no error.
func (p *Process) Terminate() error {
	return ignoreEnded(terminate(p.cmd.Process))
}

// Kill ends the process and everything in its group. A process that has ended already is no error.
func (p *Process) Kill() error {
	select {
	case <-p.done:
		return nil // its id may belong to another by now
	default:
	}
	return ignoreEnded(kill(p.cmd.Process))
}

func ignoreEnded(err error) error {
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Wait waits for the end of the process and returns its exit code, -1 when a signal ended it. The error
// is ctx's, or says why waiting failed; an exit code other than 0 is no error.
func (p *Process) Wait(ctx context.Context) (int, error) {
	select {
	case <-p.done:
	case <-ctx.Done():
		return 0, fmt.Errorf("waiting for %s to end: %w", p.cmd.Path, ctx.Err())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var exit *exec.ExitError
	if p.err != nil && !errors.As(p.err, &exit) && !errors.Is(p.err, exec.ErrWaitDelay) {
		return p.cmd.ProcessState.ExitCode(), fmt.Errorf("waiting for %s to end: %w", p.cmd.Path, p.err)
	}
	return p.cmd.ProcessState.ExitCode(), nil
}

// Stop asks the process to stop, kills it after the grace period, and returns once it has ended.
func (p *Process) Stop() error {
	err := p.Terminate()
	if err == nil {
		select {
		case <-p.done:
			return nil
		case <-time.After(p.grace):
		}
		p.mu.Lock()
		p.killed = true
		p.mu.Unlock()
	}
	if killErr := p.Kill(); killErr != nil {
		return errors.Join(err, fmt.Errorf("killing %s: %w", p.cmd.Path, killErr))
	}
	<-p.done
	return nil
}

// Killed says that the process did not end in its grace period, so that Stop killed it.
func (p *Process) Killed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}
