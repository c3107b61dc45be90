package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/contract"
)

// verification is what --verify found. It is the zero value where it was not asked for.
type verification struct {
	Steps    []string        `json:"steps"` // that passed before the server was started
	Contract contract.Report `json:"contract"`
}

// verify proves the staged project in dir: it vets, tests and builds it, and walks the contract on its server.
func (p *program) verify(ctx context.Context, dir string, c config.Config, v *verification) (err error) {
	scratch, err := os.MkdirTemp("", "mcpauth-verify-")
	if err != nil {
		return fmt.Errorf("making a directory for the build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	binary := filepath.Join(scratch, "server.exe")
	for _, step := range check.GoSteps(binary) {
		done := p.streams.Progress(step.Name)
		err := step.Run(ctx, dir, scratch)
		done()
		if err != nil {
			return err
		}
		v.Steps = append(v.Steps, step.Name)
	}
	server := check.Server{
		Binary:  binary,
		MCPPath: c.MCPPath,
		Scopes:  c.Scopes,
		TLS:     c.TLSCert != "",
		ByID:    c.Audience == c.ResourceID,
	}
	v.Contract, err = p.walk(ctx, server, scratch)
	if err == nil && !v.Contract.Kept() {
		err = check.BrokenError{Text: "the server does not keep the contract: " + v.Contract.Summary()}
	}
	return err
}

// walk starts the server and walks the contract, with a line for each requirement as it is known.
func (p *program) walk(ctx context.Context, server check.Server, scratch string) (contract.Report, error) {
	target, err := server.NewTarget(ctx, scratch)
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
