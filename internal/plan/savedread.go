package plan

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"github.com/mcpauth/mcpauth/internal/edit"
)

// ErrSaved says that a file is no saved plan of this version, or is not as it was written.
var ErrSaved = errors.New("no plan that can be carried out")

// A MovedError names the files that are not as they were when the plan was made.
type MovedError struct{ Paths []string }

func (e MovedError) Error() string {
	return fmt.Sprintf("changed since the plan was made: %q", e.Paths)
}

// ReadSaved reads what Encode wrote, and nothing else: the error is an ErrSaved when a byte of it differs.
func ReadSaved(b []byte) (Saved, error) {
	var s Saved
	if err := json.Unmarshal(b, &struct{ Schema *string }{&s.Schema}); err != nil {
		return Saved{}, fmt.Errorf("%w: it is no JSON document: %w", ErrSaved, err)
	}
	if s.Schema != SavedSchema {
		return Saved{}, fmt.Errorf("%w: its schema is %q, not %s", ErrSaved, s.Schema, SavedSchema)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Saved{}, fmt.Errorf("%w: %w", ErrSaved, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Saved{}, fmt.Errorf("%w: something follows it", ErrSaved)
	}
	same, err := s.Encode()
	if err != nil || !bytes.Equal(same, b) {
		return Saved{}, fmt.Errorf("%w: it was changed after it was written", ErrSaved)
	}
	return s, nil
}

// Plan returns the plan for the files of now. The error is a MovedError when they are not those that it was made for, or
// an ErrSaved when the plan is not consistent.
func (s Saved) Plan(now fs.FS) (Plan, error) {
	p := Plan{Notes: s.Notes}
	var moved MovedError
	for _, seen := range s.Seen {
		if !seen.holds(now) {
			moved.Paths = append(moved.Paths, seen.Path)
		}
	}
	if len(moved.Paths) > 0 {
		return Plan{}, moved
	}
	for _, saved := range s.Ops {
		op, err := saved.op(now)
		if err != nil {
			return Plan{}, err
		}
		p.Ops = append(p.Ops, op)
	}
	if err := p.Validate(); err != nil {
		return Plan{}, fmt.Errorf("%w: %w", ErrSaved, err)
	}
	return p, nil
}

// Done says whether every file of the plan is what the plan makes it.
func (s Saved) Done(now fs.FS) bool {
	for _, op := range s.Ops {
		if !(State{op.Path, op.Digest}).holds(now) {
			return false
		}
	}
	return true
}

func (s State) holds(now fs.FS) bool {
	content, err := fs.ReadFile(now, s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return s.Digest == "" && fs.ValidPath(s.Path)
	}
	return err == nil && Sum(content).String() == s.Digest
}

// op returns the operation for the file that is there now.
func (s SavedOp) op(now fs.FS) (Op, error) {
	mode, err := strconv.ParseUint(s.Mode, 8, 32)
	if err != nil {
		return Op{}, fmt.Errorf("%w: %s: mode %q", ErrSaved, s.Path, s.Mode)
	}
	if !fs.ValidPath(s.Path) {
		return Op{}, fmt.Errorf("%w: %q is not a path inside the target", ErrSaved, s.Path)
	}
	if !(State{s.Path, s.Prior}).holds(now) {
		return Op{}, MovedError{[]string{s.Path}}
	}
	op := Op{Action: s.Action, Path: s.Path, Mode: fs.FileMode(mode), Reason: s.Reason}
	if s.Action == Create {
		op.Content, err = s.content()
	} else {
		err = s.replace(now, &op)
	}
	if err != nil {
		return Op{}, fmt.Errorf("%w: %s: %w", ErrSaved, s.Path, err)
	}
	if s.Action != Delete && Sum(op.Content).String() != s.Digest {
		return Op{}, fmt.Errorf("%w: %s does not become what it is to be", ErrSaved, s.Path)
	}
	return op, nil
}

func (s SavedOp) content() ([]byte, error) {
	switch s.Encoding {
	case "":
		return []byte(s.Content), nil
	case "base64":
		return base64.StdEncoding.DecodeString(s.Content)
	}
	return nil, fmt.Errorf("encoding %q", s.Encoding)
}

// replace completes an operation on a file that is there.
func (s SavedOp) replace(now fs.FS, op *Op) error {
	before, err := fs.ReadFile(now, s.Path)
	if err != nil {
		return err
	}
	prior := Sum(before)
	op.Prior = &prior
	if s.Action == Overwrite {
		op.Content, err = edit.Apply(before, s.Edits)
	}
	return err
}
