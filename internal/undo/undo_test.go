package undo_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/undo"
)

const name = "ours/undo.json"

var before = map[string]string{"go.sum": "a\nc\n", "main.go": "serve(mux)\r\n"}

// written is the tree after the plan and its record.
func written(t *testing.T) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	p := plan.Plan{Ops: []plan.Op{{Action: plan.Create, Path: "ours/new.go", Mode: 0o644, Content: []byte("package ours\n")}}}
	for path, after := range map[string]string{"go.sum": "a\nb\nc\nd\n", "main.go": "serve(with(mux))\r\n"} {
		tree[path] = &fstest.MapFile{Data: []byte(before[path])}
		prior := plan.Sum([]byte(before[path]))
		p.Ops = append(p.Ops, plan.Op{Action: plan.Overwrite, Path: path, Mode: 0o644, Content: []byte(after), Prior: &prior})
	}
	p, err := undo.Add(tree, p, name)
	if err != nil || p.Validate() != nil {
		t.Fatal(err, p.Validate())
	}
	for _, op := range p.Ops {
		tree[op.Path] = &fstest.MapFile{Data: op.Content}
	}
	return tree
}

func TestPlanLeadsBack(t *testing.T) {
	t.Parallel()
	p, err := undo.Plan(written(t), name)
	if err != nil {
		t.Fatal(err)
	}
	var deleted []string
	for _, op := range p.Ops {
		switch {
		case op.Action == plan.Delete:
			deleted = append(deleted, op.Path)
		case string(op.Content) != before[op.Path]:
			t.Errorf("%s becomes %q, want %q", op.Path, op.Content, before[op.Path])
		}
	}
	if want := []string{"ours/new.go", name}; !slices.Equal(deleted, want) {
		t.Errorf("deletes %q, want %q", deleted, want)
	}
}

// TestChangesAreNotLost wants what the person changed since to be named, all of it.
func TestChangesAreNotLost(t *testing.T) {
	t.Parallel()
	tree := written(t)
	tree["main.go"].Data = append(tree["main.go"].Data, '\n')
	delete(tree, "ours/new.go")
	_, err := undo.Plan(tree, name)
	changed, _ := errors.AsType[undo.ChangedError](err)
	if slices.Sort(changed.Paths); !slices.Equal(changed.Paths, []string{"main.go", "ours/new.go"}) {
		t.Errorf("got %v", err)
	}
}

func TestRecordsAreChecked(t *testing.T) {
	t.Parallel()
	tree := written(t)
	good := string(tree[name].Data)
	for _, tc := range []struct{ old, new string }{
		{"undo/v1", "undo/v2"},
		{`"main.go"`, `"../main.go"`},
		{`"start": 0`, `"start": 99`},
		{"{", "["},
	} {
		bad := strings.Replace(strings.ReplaceAll(good, `"start": 6`, `"start": 0`), tc.old, tc.new, 1)
		tree[name] = &fstest.MapFile{Data: []byte(bad)}
		if p, err := undo.Plan(tree, name); err == nil {
			t.Errorf("%s for %s: got %v", tc.new, tc.old, p.Paths())
		}
	}
	delete(tree, name)
	if _, err := undo.Plan(fs.FS(tree), name); !errors.Is(err, undo.ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
}
