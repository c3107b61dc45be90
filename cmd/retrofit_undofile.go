package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/internal/undo"
)

// undoFile is retrofit --undo for a program whose entry is a file.
func (p *program) undoFile(ctx context.Context, r fileRun) error {
	change, err := undo.Plan(r.project, r.place.record())
	if err == nil {
		err = r.leavesNoCall(change)
	}
	return p.takeBack(ctx, r.retrofitOptions, r.place.root, change, err)
}

// leavesNoCall refuses to take away what the entry would still call, because of what was written since.
func (r fileRun) leavesNoCall(change plan.Plan) error {
	content, err := fs.ReadFile(r.project, r.place.entry)
	if err != nil {
		return fmt.Errorf("undoing: %w", err)
	}
	for _, op := range change.Ops {
		if op.Path == r.place.entry {
			content = op.Content
		}
	}
	if at := r.language.needs(r.place.entry, content); at != "" {
		return &refusal.Refusal{Code: refusal.CodeUndo, Position: at, Reason: "what you have written since needs the patch"}
	}
	return nil
}
