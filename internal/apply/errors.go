package apply

import (
	"errors"
	"fmt"
)

// A Reason is why a path is refused. It is a predicate of that path, and an error for use with errors.Is.
type Reason string

func (r Reason) Error() string { return string(r) }

const (
	Exists       Reason = "exists already"
	NotEmpty     Reason = "is not empty"
	Absent       Reason = "is not there"
	Changed      Reason = "was changed by someone else in the meantime"
	NotDirectory Reason = "is not a directory"
	Irregular    Reason = "is not a regular file"
	Symlink      Reason = "is a symbolic link"
	Dangling     Reason = "is a symbolic link to nothing"
	InPlace      Reason = "cannot be replaced: it is the working directory or above it, another user's, or on a file system of its own"
	Unfinished   Reason = "was left half changed by a run that was interrupted"
	Busy         Reason = "is being changed by another process"
	Foreign      Reason = "was not made by mcpauth: its permissions let others write or read it"
	Reserved     Reason = "is a name that no plan may use"
)

// A Refused error means that the plan does not fit what is there. Nothing was changed, or everything was put back.
type Refused struct {
	Path   string // as given for the target itself, otherwise relative to it
	Reason Reason
}

func (e *Refused) Error() string { return e.Path + " " + string(e.Reason) }

// Unwrap returns the reason.
func (e *Refused) Unwrap() error { return e.Reason }

// A Rejected error is the error of the function that was given the staged files. Nothing was changed.
type Rejected struct{ Err error }

func (e *Rejected) Error() string { return "checking the staged files: " + e.Err.Error() }

// Unwrap returns the function's error.
func (e *Rejected) Unwrap() error { return e.Err }

// A Failed error means that the system did not do what was asked, or that the context ended, which
// errors.Is tells. Everything was put back, except where Undo says otherwise.
type Failed struct {
	Doing string
	Err   error
	Undo  error // why something could not be put back or removed; nil when all is as it was
}

func (e *Failed) Error() string {
	if e.Undo == nil {
		return fmt.Sprintf("%s: %v", e.Doing, e.Err)
	}
	return fmt.Sprintf("%s: %v; undoing it: %v", e.Doing, e.Err, e.Undo)
}

// Unwrap returns both errors.
func (e *Failed) Unwrap() []error {
	if e.Undo == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Undo}
}

// outcome gives err its type. A refusal after which something is left behind is a failure.
func outcome(doing string, err, undo error) error {
	if err == nil {
		return nil
	}
	if undo == nil && (isRefused(err) || isRejected(err)) {
		return err
	}
	return &Failed{Doing: doing, Err: err, Undo: undo}
}

func isRefused(err error) bool {
	_, ok := errors.AsType[*Refused](err)
	return ok
}

func isRejected(err error) bool {
	_, ok := errors.AsType[*Rejected](err)
	return ok
}
