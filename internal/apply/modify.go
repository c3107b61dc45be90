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

// Modify carries out the plan in the existing directory dir. An overwritten file keeps its mode, except that one with a
// secret gets no wider than planned. A target with an unfinished journal is refused: call [Recover] first.
//
// If staged is not nil it is called as in [Create], with a directory inside the target.
//
// The error is a [Refused], [Rejected] or [Failed].
func Modify(ctx context.Context, dir string, p plan.Plan, secrets map[string]string, staged func(dir string) error) (Result, error) {
	return newTransaction(ctx, machine(), p, secrets, staged).modify(dir)
}

func (t transaction) modify(dir string) (res Result, err error) {
	doing := "changing " + dir
	root, err := t.modifiable(dir)
	if err != nil || len(t.plan.Ops) == 0 {
		return res, outcome(doing, err, nil)
	}
	defer root.Close()
	forward, back := files{root, t.forward}, files{root, t.back}
	res.Swept = forward.sweep(scratchStem)
	err, undo := t.rehearse(forward, back, scratchStem)
	if err != nil {
		return res, outcome(doing, err, undo)
	}
	j, err, undo := t.begin(dir, forward, back)
	if err != nil {
		return res, outcome(doing, err, undo)
	}
	done, err := t.change(forward, j)
	if err != nil {
		return res, outcome(doing, err, j.undo(back))
	}
	t.removeEmpty(back)
	if err := back.removeAll(done); err != nil {
		res.Left = append(res.Left, filepath.Join(root.Name(), done))
	}
	return res, nil
}

// modifiable opens dir if Modify may change it.
func (t transaction) modifiable(dir string) (*os.Root, error) {
	if err := checkPlan(t.plan); err != nil {
		return nil, err
	}
	at, err := locate(dir)
	if err != nil {
		return nil, err
	}
	if at.info == nil {
		return nil, &Refused{Path: dir, Reason: Absent}
	}
	if _, err := os.Lstat(filepath.Join(at.path, journalName)); !errors.Is(err, fs.ErrNotExist) {
		return nil, &Refused{Path: dir, Reason: Unfinished}
	}
	return os.OpenRoot(at.path)
}

// begin compares the target with what the plan expects and puts the journal in place. No two transactions can both
// do that: a directory is not renamed to one that is there.
func (t transaction) begin(dir string, forward, back files) (j *journal, err, undo error) {
	j = &journal{Schema: journalSchema, Process: forward.pid}
	for i, op := range t.plan.Ops {
		if err := t.record(forward, j, i, op); err != nil {
			return nil, err, nil
		}
	}
	name, err := j.save(forward)
	if err == nil {
		err = forward.rename(name, journalName)
		if errors.Is(err, fs.ErrExist) {
			err = &Refused{Path: dir, Reason: Busy}
		}
	}
	if err != nil && name != "" {
		undo = back.removeAll(name)
	}
	if err == nil && j.durable() {
		forward.syncDir(".")
	}
	return j, err, undo
}

// record adds the operation to the journal.
func (t transaction) record(f files, j *journal, i int, op plan.Op) error {
	found, err := expect(f.root, op)
	if err != nil {
		return err
	}
	temp, err := f.free(path.Join(path.Dir(op.Path), siblingStem(path.Base(op.Path))))
	if err != nil {
		return err
	}
	e := entry{Path: op.Path, Temp: temp}
	if op.Action != plan.Delete {
		e.New = plan.Sum(op.Fill(t.secrets)).String()
	}
	if found != nil {
		e.Original = &original{File: originalFile(i), Digest: found.digest().String(), Mode: found.mode, bytes: found.bytes}
	}
	j.Entries = append(j.Entries, e)
	return j.addDirs(f.root, path.Dir(op.Path))
}

// expect returns the file at the operation's path, and refuses when it is not the one the plan was made for.
func expect(root *os.Root, op plan.Op) (*snapshot, error) {
	found, err := snap(root, op.Path)
	switch {
	case err != nil:
		return nil, err
	case op.Action == plan.Create && found != nil:
		return nil, &Refused{Path: op.Path, Reason: Exists}
	case op.Action == plan.Create:
		return nil, nil
	case found == nil:
		return nil, &Refused{Path: op.Path, Reason: Absent}
	case found.digest() != *op.Prior:
		return nil, &Refused{Path: op.Path, Reason: Changed}
	}
	return found, nil
}

// change makes every change and retires the journal, whose new name it returns.
func (t transaction) change(f files, j *journal) (done string, err error) {
	for _, dir := range j.Dirs {
		if err := f.mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	for i, op := range t.plan.Ops {
		if err := t.changeFile(f, j, op, j.Entries[i]); err != nil {
			return "", err
		}
	}
	return retire(f)
}

// changeFile compares the file with what the plan expects once more, as late as it can.
func (t transaction) changeFile(f files, j *journal, op plan.Op, e entry) error {
	found, err := expect(f.root, op)
	if err != nil {
		return err
	}
	if op.Action == plan.Delete {
		j.changed++
		return f.remove(op.Path)
	}
	if err := f.write(e.Temp, contentOf(op, t.secrets, found)); err != nil {
		return err
	}
	if _, err := expect(f.root, op); err != nil {
		return err
	}
	j.changed++
	return f.rename(e.Temp, e.Path)
}

// removeEmpty removes the directories that the plan's deletions have left empty. The change is complete without it.
func (t transaction) removeEmpty(f files) {
	for _, op := range t.plan.Ops {
		if op.Action != plan.Delete {
			continue
		}
		for dir := path.Dir(op.Path); dir != "."; dir = path.Dir(dir) {
			if f.ask("remove empty", dir) != nil || f.root.Remove(dir) != nil {
				break
			}
		}
	}
}
