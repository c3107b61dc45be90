package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/project"
)

// startProject builds the project in dir, and walks the contract on its server.
func (p *program) startProject(ctx context.Context, dir string, checks []contract.Check) (contract.Report, error) {
	project, err := loadProject(dir)
	if err != nil {
		return contract.Report{}, err
	}
	found, err := p.prove(ctx, proof{
		stack: project.Stack, dir: dir, config: project.Config, steps: project.Stack.Build, checks: checks,
	})
	switch {
	case err == nil, is[check.BrokenError](err), exitCode(err) == exitInterrupted:
	case errors.Is(err, check.ErrNoTool):
		err = hinted{err, "install " + project.Stack.Needs}
	case is[stepError](err):
		err = hinted{err, "a build needs the packages once, from the network, and a place for temporary files"}
	}
	return found, err
}

func loadProject(dir string) (project.Project, error) {
	loaded, err := project.Load(dir)
	if root, inModule := moduleRoot(dir); inModule && patched(root) && errors.Is(err, project.ErrNone) {
		err = hinted{err, "retrofit has patched it: mcpauth retrofit " + shellWord(dir) + " --verify runs it and checks it"}
	} else if errors.Is(err, project.ErrNone) {
		err = hinted{err, "mcpauth init makes a project; for another server, start it and give its URL: mcpauth verify URL"}
	} else if err != nil {
		err = fmt.Errorf("checking %s: %w", dir, err)
	}
	return loaded, err
}
