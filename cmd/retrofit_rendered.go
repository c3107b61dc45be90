package cmd

import (
	"errors"
	"path/filepath"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/project"
)

// isRendered says whether mcpauth init has made the program, and it still serves through the guard of that.
func isRendered(m *gosource.Module, survey *gopatch.Survey) bool {
	return survey.Rendered() != "" && exists(filepath.Join(m.Dir, project.File))
}

// sayRendered tells that a program needs no patch, and what to do instead.
func (p *program) sayRendered(o retrofitOptions, m *gosource.Module, survey *gopatch.Survey) error {
	dir := shellWord(o.dir)
	switch {
	case o.trial.verify:
		return hinted{usageError{errors.New("--verify compares a program with its patch, and mcpauth init has made this one: it needs none")}, "mcpauth verify --start " + dir}
	case o.planFile != "":
		return p.savePlan(o, goSubject(m), plan.Plan{}, nil)
	case p.json:
		return p.printJSON(retrofitDocument{Schema: retrofitSchema, Result: "unchanged", Plan: plan.NewDocument(m.Dir, plan.Plan{})})
	}
	p.say("mcpauth init has made this program, and its MCP endpoint needs a token already, at %s. Nothing to do.", survey.Rendered())
	p.say("Your tools go into internal/tools, and mcpauth verify --start %s checks what it answers.", dir)
	return nil
}

// isRendered says whether mcpauth init has made the project.
func (p place) isRendered() bool { return !p.patched() && exists(filepath.Join(p.root, project.File)) }

// sayRenderedFile tells that a project needs no patch, and what to do instead.
func (p *program) sayRenderedFile(r fileRun) error {
	if r.planFile != "" || p.json {
		return p.sayProtected(r.retrofitOptions, r.subject(), "", nil)
	}
	p.say("mcpauth init has made this project, and its MCP endpoint needs a token already. Nothing to do.")
	p.say("mcpauth verify --start %s checks what it answers.", shellWord(nearby(r.place.root)))
	return nil
}
