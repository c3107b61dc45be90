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

// verify proves the staged project in dir: it builds, vets and tests it, and walks the contract on its server.
func (p *program) verify(ctx context.Context, stack templates.Stack, dir string, c config.Config, v *verification) (err error) {
	scratch, err := os.MkdirTemp("", "mcpauth-verify-")
	if err != nil {
		return fmt.Errorf("making a directory for the build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	w := check.Workshop{Stack: stack, Dir: dir, Scratch: scratch}
	for _, step := range slices.Concat(stack.Build, stack.Prove) {
		if err := p.step(ctx, w, step); err != nil {
			return err
		}
		v.Steps = append(v.Steps, step.Name)
	}
	v.Contract, err = p.walk(ctx, w, c)
	if err == nil && !v.Contract.Kept() {
		err = check.BrokenError{Text: "the server does not keep the contract: " + v.Contract.Summary()}
	}
	return err
}

func (p *program) step(ctx context.Context, w check.Workshop, step templates.Step) error {
	defer p.streams.Progress(step.Name)()
	return w.Run(ctx, step)
}

// walk starts the server and walks the contract, with a line for each requirement as it is known.
func (p *program) walk(ctx context.Context, w check.Workshop, c config.Config) (contract.Report, error) {
	target, err := w.Target(ctx, c)
	if err != nil {
		return contract.Report{}, err
	}
	p.say("checking the contract on %s", target.URL)
	var printing error
	report := contract.Run(ctx, target, func(r contract.Result) {
		if !p.json && printing == nil {
			_, printing = fmt.Fprint(p.streams.Out, r.Text())
		}
	})
	p.say("%s", report.Summary())
	return report, errors.Join(ctx.Err(), printing, target.Close())
}
