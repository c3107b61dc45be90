package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"reflect"
	"strings"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/internal/undo"
	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"
)

func (p *program) applyCommand() *cobra.Command {
	w := writing{}
	c := &cobra.Command{
		Use:   "apply FILE [DIR]",
		Short: "Carry out a plan that mcpauth retrofit --plan has written",
		Long: "Carry out the plan in FILE on the Go module that DIR is in; without DIR, on the one around here. What is written was\n" +
			"built, vetted and tested when the plan was made: when any file has changed since, nothing is written.",
		Example: "  mcpauth retrofit ./cmd/api --plan plan.json\n" +
			"  mcpauth apply plan.json --dry-run           # the change as a diff\n" +
			"  mcpauth apply plan.json",
		Args: planFile,
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := interruptible(c.Context())
			defer stop()
			dir := "."
			if len(args) > 1 {
				dir = args[1]
			}
			return p.applyFile(ctx, args[0], dir, w)
		},
	}
	c.ValidArgsFunction = directoryAt(1)
	c.Flags().SortFlags = false
	w.define(c)
	return c
}

func planFile(_ *cobra.Command, args []string) error {
	if len(args) >= 1 && len(args) <= 2 && args[0] != "" && args[len(args)-1] != "" {
		return nil
	}
	return hinted{usageError{fmt.Errorf("apply takes the file of a plan and a directory, but got %q", args)}, "mcpauth apply plan.json"}
}

// applyFile carries out the saved plan in the named file on the module that dir is in.
func (p *program) applyFile(ctx context.Context, file, dir string, w writing) error {
	s, err := readPlan(file)
	if err != nil {
		return err
	}
	root, ok := moduleRoot(dir)
	if !ok {
		return usageError{fmt.Errorf("applying %s: %s is in no Go module", file, dir)}
	}
	if err := p.recoverModule(root, w); err != nil {
		return err
	}
	change, done, err := planNow(s, root)
	if err != nil {
		return err
	}
	if done {
		return p.sayApplied(root, plan.Plan{}, "unchanged", "The module is already what the plan makes it. Nothing to do.")
	}
	prompter := prompt.New(p.streams, p.getenv, w.noInput)
	note, err := p.checkTree(ctx, root, w, prompter, file)
	if err != nil {
		return err
	}
	if note != "" {
		change.Notes = append(change.Notes, note)
	}
	if w.dryRun {
		return p.preview(target{dir: root}, change)
	}
	if err := p.writeChange(ctx, root, change, w, prompter); err != nil {
		return err
	}
	if err := p.sayApplied(root, change, "patched", fmt.Sprintf("Wrote %d files to %s.", len(change.Ops), root)); err != nil || p.json {
		return err
	}
	p.sayPatched(dir, change)
	return nil
}

func (p *program) sayApplied(root string, change plan.Plan, result, text string) error {
	if p.json {
		return p.printJSON(retrofitDocument{Schema: "mcpauth.apply/v1", Result: result, Plan: plan.NewDocument(root, change)})
	}
	p.say("%s", text)
	return nil
}

func readPlan(file string) (plan.Saved, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return plan.Saved{}, usageError{fmt.Errorf("reading the plan: %w", err)}
	}
	s, err := plan.ReadSaved(content)
	if err != nil {
		err = &refusal.Refusal{Code: refusal.CodePlan, Reason: file + ": " + err.Error()}
	}
	return s, err
}

// planNow returns the plan for the module as it is now, or that the module is what the plan makes it.
func planNow(s plan.Saved, dir string) (change plan.Plan, done bool, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return change, false, fmt.Errorf("reading the module: %w", err)
	}
	defer root.Close()
	now := root.FS()
	mod, err := fs.ReadFile(now, "go.mod")
	if err != nil {
		return change, false, fmt.Errorf("reading the module: %w", err)
	}
	if is := modfile.ModulePath(mod); is != s.Module {
		return change, false, &refusal.Refusal{Code: refusal.CodePlan, Reason: fmt.Sprintf("the plan is for the module %s, and this is %s", s.Module, is)}
	}
	if s.Done(now) {
		return change, true, nil
	}
	change, err = s.Plan(now)
	if moved, ok := errors.AsType[plan.MovedError](err); ok {
		return change, false, &refusal.Refusal{Code: refusal.CodeMoved, Reason: "changed since the plan was made; make it again:", ByHand: some(moved.Paths)}
	}
	if err == nil {
		err = checkRetrofitPlan(now, change)
	}
	if err != nil {
		err = &refusal.Refusal{Code: refusal.CodePlan, Reason: err.Error()}
	}
	return change, false, err
}

// checkRetrofitPlan refuses a plan that no retrofit makes, whatever its digest says: it writes Go files, what go.mod
// needs, and how to undo just that.
func checkRetrofitPlan(now fs.FS, change plan.Plan) error {
	for _, op := range change.Ops {
		ours := strings.HasPrefix(op.Path, gopatch.Glue+"/")
		module := op.Path == "go.mod" || op.Path == "go.sum" || strings.HasPrefix(op.Path, "vendor/")
		if !ours && !module && path.Ext(op.Path) != ".go" || op.Mode != 0o644 {
			return fmt.Errorf("%w: it writes %s, mode %v", plan.ErrSaved, op.Path, op.Mode)
		}
	}
	last := len(change.Ops) - 1
	same, err := undo.Add(now, plan.Plan{Ops: change.Ops[:last]}, undoRecord)
	if err == nil && !reflect.DeepEqual(same.Ops[last], change.Ops[last]) {
		err = fmt.Errorf("%w: %s does not take it back", plan.ErrSaved, undoRecord)
	}
	return err
}
