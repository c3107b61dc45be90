package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
		Long: "Carry out the plan in FILE on the Go module, or the project, that DIR is in; without DIR, on the one around here. What\n" +
			"is written was proved when the plan was made: when any file has changed since, nothing is written.",
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
	root, err := planRoot(s, file, dir)
	if err != nil {
		return err
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
	if s.Entry != "" {
		dir = nearby(filepath.Join(root, filepath.FromSlash(s.Entry)))
	}
	p.sayPatched(dir, change)
	return nil
}

// planRoot returns the directory that a plan is for: the module that dir is in, or the project with the plan's entry.
func planRoot(s plan.Saved, file, dir string) (string, error) {
	if s.Entry == "" {
		root, ok := moduleRoot(dir)
		if !ok {
			return "", usageError{fmt.Errorf("applying %s: %s is in no Go module", file, dir)}
		}
		return root, nil
	}
	root, ok := above(absolute(dir), []string{filepath.FromSlash(s.Entry)})
	if !ok || !filepath.IsLocal(filepath.FromSlash(s.Entry)) {
		return "", usageError{fmt.Errorf("applying %s: neither %s nor a directory above it has %s", file, dir, s.Entry)}
	}
	return root, nil
}

// nearby returns a name as seen from the working directory, where it is below that.
func nearby(name string) string {
	if rel, err := filepath.Rel(absolute("."), name); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
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
	if err := sameModule(s, now); err != nil {
		return change, false, err
	}
	if s.Done(now) {
		return change, true, nil
	}
	change, err = s.Plan(now)
	if moved, ok := errors.AsType[plan.MovedError](err); ok {
		return change, false, &refusal.Refusal{Code: refusal.CodeMoved, Reason: "changed since the plan was made; make it again:", ByHand: some(moved.Paths)}
	}
	if err == nil {
		err = checkRetrofitPlan(s.Entry, now, change)
	}
	if err != nil {
		err = &refusal.Refusal{Code: refusal.CodePlan, Reason: err.Error()}
	}
	return change, false, err
}

// sameModule refuses a plan for another Go module. Where a project has the entry of a plan, digests say that it is the one.
func sameModule(s plan.Saved, now fs.FS) error {
	if s.Entry != "" {
		return nil
	}
	mod, err := fs.ReadFile(now, "go.mod")
	if err != nil {
		return fmt.Errorf("reading the module: %w", err)
	}
	if is := modfile.ModulePath(mod); is != s.Module {
		return &refusal.Refusal{Code: refusal.CodePlan, Reason: fmt.Sprintf("the plan is for the module %s, and this is %s", s.Module, is)}
	}
	return nil
}

// checkRetrofitPlan refuses a plan that no retrofit makes, whatever its digest says: it writes what the program is made of
// and what it requires, and how to undo just that.
func checkRetrofitPlan(entry string, now fs.FS, change plan.Plan) error {
	record, writes := undoRecord, writesToModule
	if entry != "" {
		l, ok := languageOf(entry)
		if !ok {
			return fmt.Errorf("%w: %s is of no language that is known", plan.ErrSaved, entry)
		}
		record, writes = place{entry: entry}.record(), func(path string) bool { return l.writes(entry, path) }
	}
	for _, op := range change.Ops {
		if !writes(op.Path) || op.Mode != 0o644 {
			return fmt.Errorf("%w: it writes %s, mode %v", plan.ErrSaved, op.Path, op.Mode)
		}
	}
	last := len(change.Ops) - 1
	same, err := undo.Add(now, plan.Plan{Ops: change.Ops[:last]}, record)
	if err == nil && !reflect.DeepEqual(same.Ops[last], change.Ops[last]) {
		err = fmt.Errorf("%w: %s does not take it back", plan.ErrSaved, record)
	}
	return err
}

// writesToModule says whether the retrofit of a Go program may write a file.
func writesToModule(name string) bool {
	ours := strings.HasPrefix(name, gopatch.Glue+"/")
	module := name == "go.mod" || name == "go.sum" || strings.HasPrefix(name, "vendor/")
	return ours || module || path.Ext(name) == ".go"
}
