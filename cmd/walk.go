package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/report"
)

// walk walks the contract on target, with a line for each requirement as soon as it is known: a row of a table where a
// person looks on, and plain text with the details elsewhere.
func (p *program) walk(ctx context.Context, target contract.Target, checks []contract.Check) (contract.Report, error) {
	p.say("checking the contract on %s", target.URL)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	table := p.streams.OutTerminal() && !p.streams.Plain()
	found := contract.RunChecks(ctx, target, checks, func(r contract.Result) {
		if p.json || ctx.Err() != nil {
			return // what is found after an interrupt says nothing about the server
		}
		text := r.Text()
		if table {
			text = report.Row(r, p.streams.ColorOut())
		}
		if _, err := fmt.Fprint(p.streams.Out, text); err != nil {
			stop(err)
		}
	})
	if err := context.Cause(ctx); err != nil || found.Unreachable != "" {
		return found, err
	}
	if table && !p.json {
		if _, err := fmt.Fprint(p.streams.Out, report.Remarks(found)); err != nil {
			return found, err
		}
	}
	p.say("%s", found.Summary())
	return found, nil
}

var (
	// errUnreachable says that nothing is known about the server, which is no pass.
	errUnreachable = errors.New("the server cannot be reached")
	// errNothingPassed says that every check was skipped, which is no pass either.
	errNothingPassed = errors.New("no requirement could be checked to its end")
)

// verdict is the error of a walk that did not end well, nil for one on which something passed and nothing failed.
func verdict(r contract.Report) error {
	switch {
	case r.Unreachable != "":
		return fmt.Errorf("checking %s: %w: %s", r.URL, errUnreachable, r.Unreachable)
	case !r.Kept():
		return broken(r)
	case r.Count(contract.Pass) == 0:
		return fmt.Errorf("checking %s: %w", r.URL, errNothingPassed)
	}
	return nil
}
