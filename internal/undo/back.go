package undo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// ErrNone says that there is no record.
var ErrNone = errors.New("nothing to undo")

// Plan returns the plan that takes back what the record at name says, the record included. Its notes say which files
// need nothing, and in which the person's own changes stay.
func Plan(now fs.FS, name string) (plan.Plan, error) {
	content, err := fs.ReadFile(now, name)
	if errors.Is(err, fs.ErrNotExist) {
		return plan.Plan{}, ErrNone
	}
	if err != nil {
		return plan.Plan{}, fmt.Errorf("reading how to undo: %w", err)
	}
	var r Record
	if err := json.Unmarshal(content, &r); err != nil {
		return plan.Plan{}, fmt.Errorf("reading %s: %w", name, err)
	}
	if r.Schema != schema {
		return plan.Plan{}, fmt.Errorf("reading %s: schema %q is not %s: use the mcpauth that wrote it", name, r.Schema, schema)
	}
	r.Files = append(r.Files, Entry{Path: name, Digest: plan.Sum(content).String()})
	added, compiled, err := r.added(now, path.Dir(name))
	if err != nil {
		return plan.Plan{}, fmt.Errorf("reading what is beside %s: %w", name, err)
	}
	r.Files = append(r.Files, compiled...)
	return r.plan(now, added)
}

// added returns what the person has put into the record's directory, which is of no use without the rest, and what Python has
// compiled there, which goes with it.
func (r Record) added(now fs.FS, dir string) (list []Change, compiled []Entry, err error) {
	err = fs.WalkDir(now, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.ContainsFunc(r.Files, func(e Entry) bool { return e.Path == name }) {
			return err
		}
		if path.Base(path.Dir(name)) != "__pycache__" || path.Ext(name) != ".pyc" {
			list = append(list, Change{Path: name})
			return nil
		}
		content, err := fs.ReadFile(now, name)
		compiled = append(compiled, Entry{Path: name, Digest: plan.Sum(content).String()})
		return err
	})
	return list, compiled, err
}

const merged = "as it was, with your changes since"

// Merged reports whether a plan of [Plan] leaves changes of the person's in files that it takes back: they may need
// what it takes away.
func Merged(p plan.Plan) bool {
	return slices.ContainsFunc(p.Ops, func(op plan.Op) bool { return op.Reason == merged })
}

// A taker goes through the entries of a record.
type taker struct {
	plan            plan.Plan
	changed         []Change
	done, gone, own []string // files that are back, that are gone, and in which changes of the person's stay
}

func (r Record) plan(now fs.FS, added []Change) (plan.Plan, error) {
	t := taker{changed: added}
	for _, e := range r.Files {
		if err := e.valid(); err != nil {
			return plan.Plan{}, err
		}
		if err := t.take(now, e); err != nil {
			return plan.Plan{}, fmt.Errorf("undoing the change of %s: %w", e.Path, err)
		}
	}
	if len(t.changed) > 0 {
		return plan.Plan{}, ChangedError{t.changed}
	}
	for _, note := range []struct {
		text  string
		paths []string
	}{
		{"already as before", t.done},
		{"gone, and staying so", t.gone},
		{"taken back around your changes since, which stay", t.own},
	} {
		if len(note.paths) > 0 {
			t.plan.Notes = append(t.plan.Notes, note.text+": "+strings.Join(note.paths, ", "))
		}
	}
	return t.plan, t.plan.Validate()
}

// valid refuses a record that was tampered with: it could make git or the go command run what somebody wrote.
func (e Entry) valid() error {
	hidden := func(element string) bool { return strings.EqualFold(element, ".git") }
	switch {
	case !fs.ValidPath(e.Path) || e.Path == "." || slices.ContainsFunc(strings.Split(e.Path, "/"), hidden):
		return fmt.Errorf("undoing: %q is no path of a source file of the module", e.Path)
	case e.Digest == "" && !strings.HasPrefix(e.Path, "vendor/"):
		return fmt.Errorf("undoing: %s was not removed by any patch", e.Path)
	}
	return nil
}

// take adds the operation that takes the entry back.
func (t *taker) take(now fs.FS, e Entry) error {
	content, err := fs.ReadFile(now, e.Path)
	gone := errors.Is(err, fs.ErrNotExist)
	if err != nil && !gone {
		return err
	}
	sum := plan.Sum(content)
	switch is := sum.String(); {
	case gone && e.Digest == "":
		return t.restore(e, plan.Op{Action: plan.Create}, nil)
	case gone && e.Before == "":
		t.done = append(t.done, e.Path)
	case gone:
		t.gone = append(t.gone, e.Path)
	case is == e.Before:
		t.done = append(t.done, e.Path)
	case is == e.Digest && e.Before == "":
		t.plan.Ops = append(t.plan.Ops, plan.Op{Action: plan.Delete, Path: e.Path, Mode: 0o644, Prior: &sum, Reason: "was not there"})
	case is == e.Digest:
		return t.restore(e, plan.Op{Action: plan.Overwrite, Prior: &sum}, content)
	case e.Digest == "" || e.Before == "":
		t.changed = append(t.changed, Change{Path: e.Path})
	default:
		return t.merge(e, sum, content)
	}
	return nil
}

// restore adds the operation that makes of what the plan has left what was there.
func (t *taker) restore(e Entry, op plan.Op, written []byte) error {
	was, err := back(written, e.Hunks)
	if err == nil && plan.Sum(was).String() != e.Before {
		err = errors.New("the record does not lead back to what was there")
	}
	if err != nil {
		return err
	}
	op.Path, op.Mode, op.Content, op.Reason = e.Path, 0o644, was, "as it was"
	t.plan.Ops = append(t.plan.Ops, op)
	return nil
}

// merge adds the operation that takes the hunks out of a file that was changed since.
func (t *taker) merge(e Entry, sum plan.Digest, now []byte) error {
	content, lost, err := merge(now, e.Hunks)
	if err != nil {
		return err
	}
	for _, h := range lost {
		t.changed = append(t.changed, h.change(e.Path, now))
	}
	switch {
	case len(lost) > 0:
	case bytes.Equal(content, now):
		t.done = append(t.done, e.Path)
	default:
		op := plan.Op{Action: plan.Overwrite, Path: e.Path, Mode: 0o644, Content: content, Prior: &sum, Reason: merged}
		t.plan.Ops, t.own = append(t.plan.Ops, op), append(t.own, e.Path)
	}
	return nil
}
