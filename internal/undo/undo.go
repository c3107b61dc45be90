// Package undo writes down how to take a plan back, as a file of the plan's own, and reads that again.
package undo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/mcpauth/mcpauth/internal/edit"
	"github.com/mcpauth/mcpauth/internal/plan"
)

const schema = "mcpauth.undo/v1"

// A Record says for each file of a plan how it was before.
type Record struct {
	Schema string  `json:"schema"`
	Files  []Entry `json:"files"`
}

// An Entry is one file that the plan has written.
type Entry struct {
	Path   string      `json:"path"`
	Digest string      `json:"digest"`           // of what the plan wrote
	Before string      `json:"before,omitempty"` // digest of what was there; empty for a new file
	Back   []edit.Edit `json:"back,omitempty"`   // what makes that of it
}

// ErrNone says that there is no record.
var ErrNone = errors.New("nothing to undo")

// A ChangedError names what was changed since the plan was made, which undoing would lose.
type ChangedError struct{ Paths []string }

func (e ChangedError) Error() string {
	return fmt.Sprintf("changed since: %q", e.Paths)
}

// Add adds to the plan the record of how to take it back, as a new file at name. Overwritten files are read from old.
func Add(old fs.FS, p plan.Plan, name string) (plan.Plan, error) {
	r := Record{Schema: schema}
	for _, op := range p.Ops {
		e := Entry{Path: op.Path, Digest: plan.Sum(op.Content).String()}
		if op.Action == plan.Overwrite {
			before, err := fs.ReadFile(old, op.Path)
			if err != nil {
				return plan.Plan{}, fmt.Errorf("recording how to undo the change of %s: %w", op.Path, err)
			}
			e.Before, e.Back = plan.Sum(before).String(), edit.Between(op.Content, before)
		}
		r.Files = append(r.Files, e)
	}
	content, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return plan.Plan{}, fmt.Errorf("recording how to undo the change: %w", err)
	}
	p.Ops = append(slices.Clone(p.Ops), plan.Op{
		Action: plan.Create, Path: name, Mode: 0o644, Content: append(content, '\n'), Reason: "how to take all this back",
	})
	return p, nil
}

// Plan returns the plan that takes back what the record at name says, the record included.
func Plan(now fs.FS, name string) (plan.Plan, error) {
	content, err := fs.ReadFile(now, name)
	if errors.Is(err, fs.ErrNotExist) {
		return plan.Plan{}, ErrNone
	}
	if err != nil {
		return plan.Plan{}, fmt.Errorf("reading how to undo: %w", err)
	}
	var r Record
	if err := json.Unmarshal(content, &r); err != nil {
		return plan.Plan{}, fmt.Errorf("reading %s: %w", name, err)
	}
	if r.Schema != schema {
		return plan.Plan{}, fmt.Errorf("reading %s: schema %q is not %s: use the mcpauth that wrote it", name, r.Schema, schema)
	}
	r.Files = append(r.Files, Entry{Path: name, Digest: plan.Sum(content).String()})
	return r.plan(now)
}

func (r Record) plan(now fs.FS) (plan.Plan, error) {
	var p plan.Plan
	var changed ChangedError
	for _, e := range r.Files {
		op, ok, err := e.op(now)
		if err != nil {
			return plan.Plan{}, err
		}
		if !ok {
			changed.Paths = append(changed.Paths, e.Path)
			continue
		}
		p.Ops = append(p.Ops, op)
	}
	if len(changed.Paths) > 0 {
		return plan.Plan{}, changed
	}
	return p, p.Validate()
}

// op returns the operation that takes the entry back, and whether the file still is what the plan wrote.
func (e Entry) op(now fs.FS) (plan.Op, bool, error) {
	if !fs.ValidPath(e.Path) {
		return plan.Op{}, false, fmt.Errorf("undoing: %q is no path inside the module", e.Path)
	}
	content, err := fs.ReadFile(now, e.Path)
	if err != nil || plan.Sum(content).String() != e.Digest {
		return plan.Op{}, false, nil
	}
	prior := plan.Sum(content)
	op := plan.Op{Action: plan.Delete, Path: e.Path, Mode: 0o644, Prior: &prior, Reason: "was not there"}
	if e.Before == "" {
		return op, true, nil
	}
	op.Action, op.Reason = plan.Overwrite, "as it was"
	op.Content, err = edit.Apply(content, e.Back)
	if err == nil && plan.Sum(op.Content).String() != e.Before {
		err = errors.New("the record does not lead back to what was there")
	}
	if err != nil {
		return plan.Op{}, false, fmt.Errorf("undoing the change of %s: %w", e.Path, err)
	}
	return op, true, nil
}
