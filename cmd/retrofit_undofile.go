package cmd

import (
	"bytes"
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
	at := bytes.Index(content, []byte(r.language.call))
	if at < 0 {
		return nil
	}
	return &refusal.Refusal{
		Code: refusal.CodeUndo, Position: fmt.Sprintf("%s:%d", r.place.entry, 1+bytes.Count(content[:at], []byte("\n"))),
		Reason: "what you have written since needs the patch: " + r.language.call,
	}
}
