package cmd

import (
	"context"
	"fmt"

	"github.com/mcpauth/mcpauth/internal/apply"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/spf13/cobra"
)

// writing says how a command comes from a plan for a directory that is there to its files.
type writing struct{ dryRun, yes, noInput, allowDirty bool }

func (w *writing) define(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&w.dryRun, "dry-run", false, "print what would be written as a diff, write nothing")
	flags.BoolVar(&w.allowDirty, "allow-dirty", false, "write although git shows files of the module as modified, staged or untracked")
	flags.BoolVarP(&w.yes, "yes", "y", false, "do not ask for confirmation")
	flags.BoolVar(&w.noInput, "no-input", false, "never ask")
}

// recoverModule puts back what a run that was killed has left half changed. A run that writes nothing refuses it.
func (p *program) recoverModule(root string, w writing) error {
	if w.dryRun {
		state, err := apply.Inspect(root, plan.Plan{}, nil)
		if err == nil && state.Journal {
			err = hinted{&apply.Refused{Path: root, Reason: apply.Unfinished}, "run the same without --dry-run, or mcpauth retrofit TARGET --undo: both put it back first"}
		}
		return err
	}
	recovered, err := apply.Recover(root)
	if recovered {
		p.say("Put back what a run that was killed had changed.")
	}
	return err
}

// writeChange shows the plan for the module at root, asks where somebody can answer, and writes.
func (p *program) writeChange(ctx context.Context, root string, change plan.Plan, w writing, prompter prompt.Prompter) error {
	t := target{dir: root, inPlace: true}
	p.sayPlan(t, change)
	if prompt.Interactive(prompter) && !w.yes {
		ok, err := prompter.Confirm(ctx, fmt.Sprintf("Write these %d files?", len(change.Ops)), true)
		if err == nil && !ok {
			err = errDeclined
		}
		if err != nil {
			return err
		}
	}
	result, err := t.apply(ctx, change, nil)
	if err == nil {
		p.sayResult(result)
	}
	return err
}
