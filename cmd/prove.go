package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/templates"
)

// verification is what --verify found. It is the zero value where it was not asked for.
type verification struct {
	Steps    []string        `json:"steps"` // that passed before the server was started
	Contract contract.Report `json:"contract"`
}

// verify is init --verify: it builds, vets and tests the staged project in dir, and walks the contract on its server.
func (p *program) verify(ctx context.Context, stack templates.Stack, dir string, c config.Config, v *verification) error {
	steps := slices.Concat(stack.Build, stack.Prove)
	report, err := p.prove(ctx, proof{stack: stack, dir: dir, config: c, steps: steps, checks: contract.Checks()})
	for _, step := range steps {
		v.Steps = append(v.Steps, step.Name)
	}
	v.Contract = report
	if err == nil && !report.Kept() {
		err = broken(report)
	}
	return err
}

// broken is the error of a walk on which something failed.
func broken(r contract.Report) error {
	return check.BrokenError{Text: "the server does not keep the contract: " + r.Summary()}
}

// A proof is what is to be proved of a project.
type proof struct {
	stack  templates.Stack
	dir    string
	config config.Config
	steps  []templates.Step // before the server is started; they build it
	checks []contract.Check
}

// prove runs the steps, starts the server against a local authorization server of its own, and walks the contract on it.
// Nothing of it is left when it returns.
func (p *program) prove(ctx context.Context, what proof) (report contract.Report, err error) {
	scratch, err := os.MkdirTemp("", "mcpauth-verify-")
	if err != nil {
		return report, fmt.Errorf("making a directory for the build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	w, err := check.Workshop{Stack: what.stack, Dir: what.dir, Scratch: scratch}.Keep(ctx, cacheDir(), p.streams.Progress)
	if err == nil {
		err = w.Build(ctx, what.steps, p.streams.Progress)
	}
	if err != nil {
		return report, stepError{err}
	}
	target, err := w.Target(ctx, what.config)
	if err != nil {
		return report, err
	}
	report, err = p.walk(ctx, target, what.checks)
	return report, errors.Join(err, target.Close())
}

// A stepError is of a step before the server is started.
type stepError struct{ error }

func (e stepError) Unwrap() error { return e.error }

// cacheDir is the user's folder for what can be made again; empty if there is none.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return dir
}
