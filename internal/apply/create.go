package apply

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// Create makes the target directory dir with the plan's files in it, and the parents it lacks. The target must be missing,
// or empty and replaceable; see [State.InPlace]. Directories get mode 0755 less the umask, an empty target keeps its own.
//
// If staged is not nil it is called with a directory beside the target that holds the same files, before the target is
// touched. Whatever it leaves there is removed. Its error is returned as [Rejected].
//
// The error is a [Refused], [Rejected] or [Failed].
func Create(ctx context.Context, dir string, p plan.Plan, secrets map[string]string, staged func(dir string) error) (Result, error) {
	return newTransaction(ctx, machine(), p, secrets, staged).create(dir)
}

func (t transaction) create(dir string) (Result, error) {
	doing := "creating " + dir
	at, err := t.creatable(dir)
	if err != nil {
		return Result{}, outcome(doing, err, nil)
	}
	made, err := at.makeParents(t.forward)
	var res Result
	var undo error
	if err == nil {
		res, err, undo = t.createIn(at)
	}
	if err != nil {
		undo = errors.Join(undo, removeParents(t.back, made))
	}
	return res, outcome(doing, err, undo)
}

// creatable locates dir and says whether Create may make it.
func (t transaction) creatable(dir string) (target, error) {
	if err := checkPlan(t.plan); err != nil {
		return target{}, err
	}
	for _, op := range t.plan.Ops {
		if op.Action != plan.Create {
			return target{}, &Refused{Path: op.Path, Reason: Absent}
		}
	}
	at, err := locate(dir)
	if err != nil || at.info == nil {
		return at, err
	}
	entries, err := os.ReadDir(at.path)
	switch {
	case err != nil:
		return target{}, err
	case len(entries) > 0:
		return target{}, &Refused{Path: dir, Reason: NotEmpty}
	case at.fixed():
		return target{}, &Refused{Path: dir, Reason: InPlace}
	}
	return at, nil
}

// createIn stages the files beside the target and puts them in its place.
func (t transaction) createIn(at target) (res Result, err, undo error) {
	root, err := os.OpenRoot(filepath.Dir(at.path))
	if err != nil {
		return res, err, nil
	}
	defer root.Close()
	forward, back := files{root, t.forward}, files{root, t.back}
	stem := siblingStem(filepath.Base(at.path))
	res.Swept = forward.sweep(stem)
	if err, undo := t.rehearse(forward, back, stem); err != nil {
		return res, err, undo
	}
	staging, err := forward.scratch(stem, 0o755)
	if err != nil {
		return res, err, nil
	}
	if err = t.stage(forward, staging); err == nil {
		err = forward.land(staging, at)
	}
	if err != nil {
		undo = back.removeAll(staging)
	}
	return res, err, undo
}

// rehearse shows a staged copy of the plan to the caller's function and removes it.
func (t transaction) rehearse(forward, back files, stem string) (err, undo error) {
	if t.staged == nil {
		return nil, nil
	}
	staging, err := forward.scratch(stem, 0o755)
	if err != nil {
		return err, nil
	}
	err = t.stage(forward, staging)
	if err == nil {
		err = t.show(filepath.Join(forward.root.Name(), staging))
	}
	undo = back.removeAll(staging)
	if err == nil {
		err = undo
	}
	return err, undo
}

// show calls the caller's function. When the context ended meanwhile, that is the reason, whatever the function says.
func (t transaction) show(dir string) error {
	err := t.staged(dir)
	if ended := t.ended(); ended != nil {
		return ended
	}
	if err != nil {
		return &Rejected{Err: err}
	}
	return nil
}

// stage writes every file of the plan below the new directory name.
func (t transaction) stage(f files, name string) error {
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return err
	}
	defer root.Close()
	f.root = root
	made := make(map[string]bool)
	for _, op := range t.plan.Ops {
		if op.Action == plan.Delete {
			continue
		}
		if err := f.mkdirs(path.Dir(op.Path), made); err != nil {
			return err
		}
		if err := f.write(op.Path, contentOf(op, t.secrets, nil)); err != nil {
			return err
		}
	}
	return nil
}

// land renames the staged directory to the target. It is the moment at which Create has happened.
func (f files) land(staging string, at target) error {
	base := filepath.Base(at.path)
	var err error
	if at.info == nil {
		err = f.rename(staging, base)
	} else {
		err = f.replace(staging, base, at.info.Mode()&modeBits)
	}
	if errors.Is(err, fs.ErrExist) {
		return &Refused{Path: at.given, Reason: Exists}
	}
	if err != nil {
		if now, statErr := f.root.Lstat(base); statErr == nil && !now.IsDir() {
			return &Refused{Path: at.given, Reason: Exists}
		}
	}
	return err
}
