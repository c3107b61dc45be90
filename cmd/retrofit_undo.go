package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/internal/undo"
)

// moduleRoot returns the directory, dir or above it, that has a go.mod.
func moduleRoot(dir string) (string, bool) {
	for at := absolute(dir); ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, "go.mod")); err == nil && info.Mode().IsRegular() {
			return at, true
		}
		if at == filepath.Dir(at) {
			return "", false
		}
	}
}

// patched reports whether the module has the record of a patch.
func patched(root string) bool {
	return exists(filepath.Join(root, filepath.FromSlash(undoRecord)))
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// undoRetrofit is retrofit --undo: every file that the patch wrote becomes what it was, or none does.
func (p *program) undoRetrofit(ctx context.Context, o retrofitOptions) error {
	root, ok := moduleRoot(o.dir)
	if !ok {
		return usageError{errors.New("undoing: " + o.dir + " is in no Go module")}
	}
	if err := p.recoverModule(root, o.writing); err != nil {
		return err
	}
	module, err := os.OpenRoot(root) // a link in it leads nowhere else
	if err != nil {
		return fmt.Errorf("undoing: %w", err)
	}
	defer module.Close()
	change, err := undo.Plan(module.FS(), undoRecord)
	if err == nil {
		err = p.standsAlone(ctx, o, root, change)
	}
	return p.takeBack(ctx, o, root, change, err)
}

// takeBack carries out the plan that undoes a patch. err is that of making it.
func (p *program) takeBack(ctx context.Context, o retrofitOptions, root string, change plan.Plan, err error) error {
	switch {
	case errors.Is(err, undo.ErrNone):
		return p.sayUndone(root, change, "unchanged", "Nothing to undo.")
	case is[undo.ChangedError](err):
		return hinted{err, "put your changes there elsewhere first, or take the patch back with git; nothing was written"}
	case err != nil:
		return err
	}
	if o.dryRun {
		return p.preview(target{dir: root}, change)
	}
	result, err := target{dir: root, inPlace: true}.apply(ctx, change, nil)
	if err != nil {
		return err
	}
	p.sayResult(result)
	p.sayNotes(change)
	return p.sayUndone(root, change, "undone", "The patch is taken back.")
}

// standsAlone refuses to take back what the person's changes since need. A module that does not build as it is may be
// taken back all the same.
func (p *program) standsAlone(ctx context.Context, o retrofitOptions, root string, change plan.Plan) (err error) {
	if !undo.Merged(change) {
		return nil
	}
	scratch, err := os.MkdirTemp("", "mcpauth-undo-")
	if err != nil {
		return fmt.Errorf("making a directory for the build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	module := p.goModule(o, &gosource.Module{Dir: root, Alone: true}, scratch)
	if err := module.Builds(ctx); err != nil {
		return ctx.Err()
	}
	err = module.BuildsWith(ctx, change)
	if is[check.BrokenError](err) {
		return &refusal.Refusal{Code: refusal.CodeUndo, Reason: "what you have written since needs the patch: " + err.Error()}
	}
	return err
}

func (p *program) sayUndone(root string, change plan.Plan, result, text string) error {
	if p.json {
		return p.printJSON(retrofitDocument{Schema: retrofitSchema, Result: result, Plan: plan.NewDocument(root, change)})
	}
	p.say("%s", text)
	return nil
}
