package generator

import (
	"fmt"
	"path"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/templates"
)

// scriptView is what the templates of an addition to a Python or TypeScript program see.
type scriptView struct {
	PyName   string
	PyPath   string
	PyScopes []string

	TSName   string
	TSPath   string
	TSScopes []string
}

// RetrofitScript returns the plan that makes the patch of a program whose entry is a file: its changed files, and those of
// the stack. name is what the server tells MCP clients.
func RetrofitScript(stack templates.Stack, name string, scopes []string, patch script.Patch) (plan.Plan, error) {
	quoted := each(literal, scopes)
	view := scriptView{
		PyName: literal(name), PyPath: literal(patch.Path), PyScopes: quoted,
		TSName: literal(name), TSPath: literal(patch.Path), TSScopes: quoted,
	}
	p := plan.Plan{Notes: patch.Notes}
	for _, f := range patch.Files {
		prior := plan.Sum(f.Before)
		p.Ops = append(p.Ops, plan.Op{Action: plan.Overwrite, Path: f.Path, Mode: public, Content: f.After, Prior: &prior, Reason: f.Reason})
	}
	for _, f := range stack.Retrofit {
		if !hasAll(patch.Traits, f.For) {
			continue
		}
		op, err := operation(stack, f, view)
		if err != nil {
			return plan.Plan{}, fmt.Errorf("stack %s: %s: %w", stack.Name, f.Path, err)
		}
		op.Path = path.Join(patch.Folder, op.Path)
		if patch.Adapt != nil {
			op.Content = patch.Adapt(op.Content)
		}
		p.Ops = append(p.Ops, op)
	}
	return p, p.Validate()
}
