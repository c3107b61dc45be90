package dev

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/run"
)

// DefaultGrace is how long a server may take to stop before it is killed.
const DefaultGrace = 5 * time.Second

// keptLog is how many bytes of a server's output are kept for error messages.
const keptLog = 64 << 10

// A Runner builds a server and keeps it running.
type Runner struct {
	Dir    string // where the server runs, and what is watched
	Wiring Wiring
	Env    []string // of the server, besides the wiring's variables
	// Build makes the server with what it writes to the folder scratch, and returns the command that starts it.
	Build func(ctx context.Context, scratch string) ([]string, error)
	// Scratch is a folder for what Build makes. It stays with the caller.
	Scratch string
	// Rewire returns the wiring anew, for another start.
	Rewire func() (Wiring, error)
	// Watch holds patterns of the base names of files that start the server anew when they change. Empty: it is started once.
	Watch []string
	Logs  *Logs
	Grace time.Duration // zero means DefaultGrace

	process *run.Process
	output  *Stream
	builds  int
	made    string // what the running server was built into
	ready   bool
}

// An EndedError says that the server ended by itself.
type EndedError struct {
	Code int // -1: by a signal
	Last string
}

func (e *EndedError) Error() string {
	how := fmt.Sprintf("with code %d", e.Code)
	if e.Code == -1 {
		how = "by a signal"
	}
	return fmt.Sprintf("the server ended %s; its last lines:\n%s", how, e.Last)
}

// ErrKilled says that the server did not stop when it was asked to.
var ErrKilled = errors.New("the server did not stop within its time after SIGTERM, and was killed")

// Run runs the server until ctx ends, which is no error once the server has answered, or until it ends by itself and
// nothing is watched. It calls ready when the server answers for the first time, whose error ends it too. The end of
// life kills the server at once.
func (r *Runner) Run(ctx, life context.Context, ready func() error) error {
	changes := make(chan []string)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	if len(r.Watch) > 0 {
		go newWatcher(os.DirFS(r.Dir), r.Watch).run(watching, changes)
	}
	err := r.replace(ctx, life)
	for {
		switch {
		case ctx.Err() != nil:
			return r.end(ctx, life)
		case err == nil && !r.ready:
			r.ready = true
			if err := ready(); err != nil {
				return errors.Join(err, r.stop())
			}
		case err != nil && len(r.Watch) == 0:
			return errors.Join(err, r.stop())
		case err != nil:
			r.Logs.Problem(err)
			r.Logs.Line(DevName, "%s", r.waiting())
		}
		select {
		case <-ctx.Done():
		case <-r.ended():
			err = r.outcome()
		case names := <-changes:
			r.Logs.Line(DevName, "%s changed, building", summary(names))
			err = r.replace(ctx, life)
		}
	}
}

func (r *Runner) waiting() string {
	if r.process != nil {
		return "the server from before keeps running; waiting for a change"
	}
	return "no server is running; waiting for a change"
}

// summary names a few files.
func summary(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// ended is closed when the server is; without one it never is.
func (r *Runner) ended() <-chan struct{} {
	if r.process == nil {
		return nil
	}
	return r.process.Done()
}

// outcome is the error of a server that has ended.
func (r *Runner) outcome() error {
	code, err := r.process.Wait(context.Background())
	ended := &EndedError{Code: code, Last: lastLines(r.process.Log())}
	r.process = nil
	r.output.Flush()
	return errors.Join(err, ended)
}

func lastLines(log []byte) string {
	const most = 10
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// end is the orderly end. Before the server has answered it is an interruption.
func (r *Runner) end(ctx, life context.Context) error {
	err := r.stop()
	switch {
	case life.Err() != nil:
		return life.Err()
	case err == nil && !r.ready:
		return ctx.Err()
	}
	return err
}
