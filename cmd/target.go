package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/apply"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/templates"
)

// A target is the directory that init writes to.
type target struct {
	dir     string
	secrets map[string]string
	inPlace bool // it exists and is changed where it is
	shown   bool // the person has seen the plan
}

// A conflictError lists what stands in the way of a new project.
type conflictError struct {
	dir   string
	files []string // would be overwritten
	modes []string // planned bytes, other permissions
	other []string // not planned
}

func (e conflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is not empty", e.dir)
	for _, list := range []struct {
		what  string
		names []string
	}{{"would be overwritten", e.files}, {"has other permissions", e.modes}, {"is in the way", e.other}} {
		for _, name := range list.names {
			fmt.Fprintf(&b, "\n  %s: %s", name, list.what)
		}
	}
	return b.String()
}

// inspect compares the target with the plan and returns what is left to do.
func (t *target) inspect(wanted plan.Plan, force, dryRun bool) (plan.Plan, error) {
	state, err := apply.Inspect(t.dir, wanted, t.secrets)
	if err == nil && state.Journal && !dryRun {
		if _, err = apply.Recover(t.dir); err == nil {
			state, err = apply.Inspect(t.dir, wanted, t.secrets)
		}
	}
	if err != nil {
		return plan.Plan{}, err
	}
	if len(state.Problems) > 0 {
		return plan.Plan{}, hinted{fmt.Errorf("writing to %s: %w", t.dir, state.Problems[0]), "choose another directory"}
	}
	t.inPlace = state.InPlace
	other := slices.DeleteFunc(state.Others, harmless)
	if !state.Identical && !force && len(state.Conflicts)+len(state.Modes)+len(other) > 0 {
		return plan.Plan{}, hinted{
			conflictError{t.dir, state.Conflicts, state.Modes, other},
			"choose another directory, or use --force to write into this one; --dry-run --force shows the changes",
		}
	}
	return state.Resolve(wanted), nil
}

// refuseEarly spares the person the questions when the target is refused whatever the answers are.
func (t *target) refuseEarly(o initOptions) error {
	stack, err := templates.Load(o.stack)
	if err != nil {
		return usageError{err}
	}
	var names plan.Plan
	for _, f := range stack.Files {
		names.Ops = append(names.Ops, plan.Op{Action: plan.Create, Path: f.Path, Mode: 0o644})
	}
	_, err = t.inspect(names, o.force, false)
	return err
}

// harmless entries may be in a directory that counts as empty: what git and editors put into a new one.
func harmless(name string) bool {
	return slices.Contains([]string{".git/", ".gitattributes", ".idea/", ".vscode/", ".DS_Store", "LICENSE"}, name)
}

func (t target) apply(ctx context.Context, change plan.Plan, staged func(string) error) (apply.Result, error) {
	if t.inPlace {
		return apply.Modify(ctx, t.dir, change, t.secrets, staged)
	}
	return apply.Create(ctx, t.dir, change, t.secrets, staged)
}

// absolute returns dir from the root on, so that "." has a name; dir itself where the working directory is gone.
func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
