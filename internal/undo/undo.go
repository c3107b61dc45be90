// Package undo writes down how to take a plan back, as a file of the plan's own, and reads that again. What the person
// has changed since stays: a file that is no longer as the plan left it is taken back where every hunk of the plan's is
// still there, exactly once, and by name of the hunk is not where one is missing.
package undo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"

	"github.com/mcpauth/mcpauth/internal/plan"
)

const schema = "mcpauth.undo/v1"

// A Record says for each file of a plan how it was before.
type Record struct {
	Schema string  `json:"schema"`
	Files  []Entry `json:"files"`
}

// An Entry is one file that the plan has written or removed.
type Entry struct {
	Path   string `json:"path"`
	Digest string `json:"digest,omitempty"` // of what the plan wrote; empty for a file that it removed
	Before string `json:"before,omitempty"` // of what was there; empty for a new file
	Hunks  []Hunk `json:"hunks,omitempty"`  // what makes that of it
}

// Add adds to the plan the record of how to take it back, as a new file at name. Overwritten and removed files are
// read from old.
func Add(old fs.FS, p plan.Plan, name string) (plan.Plan, error) {
	r := Record{Schema: schema}
	for _, op := range p.Ops {
		e, err := entry(old, op)
		if err != nil {
			return plan.Plan{}, fmt.Errorf("recording how to undo the change of %s: %w", op.Path, err)
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

func entry(old fs.FS, op plan.Op) (Entry, error) {
	e := Entry{Path: op.Path}
	if op.Action != plan.Delete {
		e.Digest = plan.Sum(op.Content).String()
	}
	if op.Action == plan.Create {
		return e, nil
	}
	before, err := fs.ReadFile(old, op.Path)
	if err != nil {
		return e, err
	}
	e.Before, e.Hunks = plan.Sum(before).String(), between(op.Content, before)
	if was, err := back(op.Content, e.Hunks); err != nil || !bytes.Equal(was, before) {
		e.Hunks = []Hunk{{Line: 1, Ours: op.Content, Theirs: before}}
	}
	return e, nil
}
