package cmd

import (
	"context"
	"errors"

	"github.com/mcpauth/mcpauth/internal/apply"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/internal/undo"
)

// Exit codes. They are stable: scripts and CI rely on them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitRefused     = 3
	exitBroken      = 4
	exitInterrupted = 130
)

const exitHelp = `Exit codes of mcpauth:

  0    done, or nothing to do
  1    failed; or verify could not reach the server, or could check nothing
  2    bad usage, or an answer is missing or wrong; nothing was written
  3    refused: a file exists, the tree changed, or the case is not supported; nothing was written
  4    the result did not build or did not keep the contract; nothing was written
  130  interrupted; everything was put back
`

// errDeclined says that the person did not want the plan.
var errDeclined = errors.New("declined; nothing was written")

// A usageError is the person's to mend by another command line or answer.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// A told error is in the document that --json has printed.
type told struct{ error }

func (e told) Unwrap() error { return e.error }

// An abandoned error is of an interrupt in the middle of work with a server that somebody else runs.
type abandoned struct{ error }

func (e abandoned) Unwrap() error { return e.error }

// A hinted error carries a remedy, which is printed on a line of its own.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// exitCode is the one table of errors and exit codes.
func exitCode(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errDeclined), errors.Is(err, prompt.ErrInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case is[usageError](err), is[problemsError](err), is[project.ProblemsError](err):
		return exitUsage
	case is[check.BrokenError](err):
		return exitBroken
	case is[*apply.Refused](err), is[*refusal.Refusal](err), is[undo.ChangedError](err), is[conflictError](err), errors.Is(err, project.ErrNone):
		return exitRefused
	}
	return exitFailed
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
