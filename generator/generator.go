// Package generator turns a checked configuration into a plan of file changes. It is pure: it starts no
// process, writes no file, and looks at neither clock nor environment, so equal configurations give equal bytes.
package generator

import (
	"bytes"
	"fmt"
	"io/fs"

	"github.com/mcpauth/mcpauth/generator/render"
	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/templates"
)

const (
	public  fs.FileMode = 0o644
	private fs.FileMode = 0o600
)

// Create returns the plan of a new project on the named stack.
func Create(stackName string, c config.Config) (plan.Plan, error) {
	stack, err := templates.Load(stackName)
	if err != nil {
		return plan.Plan{}, err
	}
	view, err := newView(stack, c)
	if err != nil {
		return plan.Plan{}, err
	}
	for _, answer := range c.Traits() {
		if reason := stack.Lacking(answer); reason != "" {
			return plan.Plan{}, fmt.Errorf("stack %s: %s: %s", stack.Name, answer, reason)
		}
	}
	p := plan.Plan{Notes: notes(c)}
	for _, f := range stack.Project(c.Traits()) {
		op, err := operation(stack, f, view)
		if err != nil {
			return plan.Plan{}, fmt.Errorf("stack %s: %s: %w", stack.Name, f.Path, err)
		}
		p.Ops = append(p.Ops, op)
	}
	return p, p.Validate()
}

func operation(stack templates.Stack, f templates.File, view any) (plan.Op, error) {
	source, isTemplate, err := stack.Source(f)
	if err != nil {
		return plan.Op{}, err
	}
	op := plan.Op{Action: plan.Create, Path: f.Path, Mode: public, Content: source, Reason: f.Reason}
	if isTemplate {
		if op.Content, err = render.File(f.Path, string(source), view); err != nil {
			return plan.Op{}, err
		}
	}
	if f.Secret != "" {
		op.Mode = private
		op.Holes, err = hole(op.Content, f.Secret)
	}
	return op, err
}

// hole finds the end of the line NAME=, where the secret of that name belongs.
func hole(content []byte, name string) ([]plan.Hole, error) {
	line := []byte("\n" + name + "=\n")
	at := bytes.Index(content, line)
	if at < 0 || bytes.Count(content, line) != 1 {
		return nil, fmt.Errorf("not exactly one line %s= for the secret", name)
	}
	return []plan.Hole{{Offset: at + len(line) - 1, Secret: name}}, nil
}

// notes says what the person has to know besides the files.
func notes(c config.Config) []string {
	var notes []string
	for _, scope := range c.Unregistered {
		notes = append(notes, fmt.Sprintf("the metadata does not list the scope %q: add it to the MCP server in Scalekit, or calls of whoami are refused", scope))
	}
	if c.UsesSDK() {
		notes = append(notes, "the server checks tokens through the Scalekit SDK: it does not start without SK_CLIENT_ID and SK_CLIENT_SECRET")
	}
	return notes
}
