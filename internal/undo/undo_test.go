package undo_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/undo"
)

const name = "ours/undo.json"

var (
	before = map[string]string{
		"go.sum":        "a\nc\n",
		"main.go":       "\ufeffimport (\r\n\tx\r\n)\r\n\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n\tserve(mux)\r\n7",
		"vendor/old.go": "package old\n",
	}
	after = map[string]string{
		"ours/new.go": "package ours\n",
		"go.sum":      "a\nb\nc\nd\n",
		"main.go":     "\ufeffimport (\r\n\tglue\r\n\tx\r\n)\r\n\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n\tserve(with(mux))\r\n7",
	}
)

// written is the tree after the plan and its record.
func written(t *testing.T) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	for path, content := range before {
		tree[path] = &fstest.MapFile{Data: []byte(content)}
	}
	var p plan.Plan
	for _, path := range slices.Sorted(maps.Keys(after)) {
		op := plan.Op{Action: plan.Create, Path: path, Mode: 0o644, Content: []byte(after[path])}
		if old, ok := before[path]; ok {
			prior := plan.Sum([]byte(old))
			op.Action, op.Prior = plan.Overwrite, &prior
		}
		p.Ops = append(p.Ops, op)
	}
	prior := plan.Sum([]byte(before["vendor/old.go"]))
	p.Ops = append(p.Ops, plan.Op{Action: plan.Delete, Path: "vendor/old.go", Mode: 0o644, Prior: &prior})
	p, err := undo.Add(tree, p, name)
	if err != nil || p.Validate() != nil {
		t.Fatal(err, p.Validate())
	}
	carryOut(tree, p)
	return tree
}

func carryOut(tree fstest.MapFS, p plan.Plan) {
	for _, op := range p.Ops {
		if delete(tree, op.Path); op.Action != plan.Delete {
			tree[op.Path] = &fstest.MapFile{Data: op.Content}
		}
	}
}

func contents(tree fstest.MapFS) map[string]string {
	all := make(map[string]string)
	for path, f := range tree {
		all[path] = string(f.Data)
	}
	return all
}

func TestPlanLeadsBack(t *testing.T) {
	t.Parallel()
	tree := written(t)
	p, err := undo.Plan(tree, name)
	if err != nil {
		t.Fatal(err)
	}
	if carryOut(tree, p); !maps.Equal(contents(tree), before) || len(p.Notes) > 0 {
		t.Errorf("got %q, %q", contents(tree), p.Notes)
	}
}

// edited is a tree in which the person has replaced text, or removed files where new is "-".
func edited(t *testing.T, path, old, new string) fstest.MapFS {
	t.Helper()
	tree := written(t)
	if new == "-" {
		delete(tree, path)
		return tree
	}
	text := string(tree[path].Data)
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q", path, old)
	}
	tree[path] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
	return tree
}

// TestChangesElsewhereStay takes the patch out of files that were changed at other lines, or taken back in part.
func TestChangesElsewhereStay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ path, old, new, want, note string }{
		{"main.go", "2\r\n", "2\r\ntwo\r\n", strings.Replace(before["main.go"], "2\r\n", "2\r\ntwo\r\n", 1), "around your changes since, which stay: main.go"},
		{"main.go", "6\r\n", "six\r\n", strings.Replace(before["main.go"], "6\r\n", "six\r\n", 1), "which stay: main.go"},
		{"main.go", "\tglue\r\n", "", before["main.go"], "which stay: main.go"},
		{"main.go", after["main.go"], before["main.go"], before["main.go"], "already as before: main.go"},
		{"main.go", after["main.go"], before["main.go"] + "\r\n8", before["main.go"] + "\r\n8", "already as before: main.go"},
		{"main.go", "", "-", "", "gone, and staying so: main.go"},
		{"go.sum", "c\n", "b2\nc\n", "a\nb2\nc\n", "which stay: go.sum"},
		{"ours/new.go", "", "-", "", "already as before: ours/new.go"},
	} {
		tree := edited(t, tc.path, tc.old, tc.new)
		p, err := undo.Plan(tree, name)
		if err != nil {
			t.Errorf("%s with %q: %v", tc.path, tc.new, err)
			continue
		}
		want := maps.Clone(before)
		if want[tc.path] = tc.want; tc.want == "" {
			delete(want, tc.path)
		}
		if carryOut(tree, p); !maps.Equal(contents(tree), want) || !strings.Contains(strings.Join(p.Notes, "\n"), tc.note) {
			t.Errorf("%s with %q: got %q, %q", tc.path, tc.new, contents(tree), p.Notes)
		}
	}
}

// TestChangesAreNotLost wants each change that undoing would lose to be shown, and nothing else.
func TestChangesAreNotLost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ path, old, new, want string }{
		{"main.go", "with(mux)", "with(logged(mux))", "  main.go:12\n    -\tserve(with(mux))\n    +\tserve(with(logged(mux)))"},
		{"main.go", "6\r\n\tserve(with(mux))", "six\r\n\tserve(x)", "  main.go:12\n    -\tserve(with(mux))"},
		{"main.go", "6\r\n\tserve(with(mux))", "6\r\n\tserve(with(mux))\r\ny\r\n\tserve(with(mux))\r\nz", "  main.go:12\n    -\tserve(with(mux))\n    +\tserve(with(mux))\n    +y\n    +\tserve(with(mux))\n    +z"},
		{"go.sum", "b\n", "bb\n", "  go.sum:2\n    -b\n    +bb"},
		{"go.sum", "d\n", "d2\n", "  go.sum:4\n    -d\n    +d2"},
		{"ours/new.go", "package", "// Mine.\npackage", "  ours/new.go"},
	} {
		p, err := undo.Plan(edited(t, tc.path, tc.old, tc.new), name)
		changed, ok := errors.AsType[undo.ChangedError](err)
		if !ok || len(p.Ops) > 0 || len(changed.Changes) != 1 || changed.Changes[0].String() != tc.want {
			t.Errorf("%s with %q: got %v", tc.path, tc.new, err)
		}
	}
	tree := written(t)
	tree["ours/tools/mine.go"] = &fstest.MapFile{Data: []byte("package tools\n")}
	if _, err := undo.Plan(tree, name); err == nil || err.Error() != "changed since:\n  ours/tools/mine.go" {
		t.Errorf("got %v", err)
	}
	tree = written(t)
	tree["vendor/old.go"] = &fstest.MapFile{Data: []byte("package mine\n")}
	if _, err := undo.Plan(tree, name); err == nil || err.Error() != "changed since:\n  vendor/old.go" {
		t.Errorf("got %v", err)
	}
}

func TestRecordsAreChecked(t *testing.T) {
	t.Parallel()
	good := string(written(t)[name].Data)
	for _, tc := range []struct{ old, new string }{
		{"undo/v1", "undo/v2"},
		{`"main.go"`, `"../main.go"`},
		{`"main.go"`, `"/main.go"`},
		{`"vendor/old.go"`, `".git/hooks/pre-commit"`},
		{`"vendor/old.go"`, `"vendor/.GIT/hooks/pre-commit"`},
		{`"vendor/old.go"`, `"cmd/new.go"`},
		{`"vendor/old.go"`, `"main.go"`},
		{`"line": 1,`, `"line": 99,`},
		{"{", "["},
	} {
		tree := written(t)
		bad := strings.Replace(good, tc.old, tc.new, 1)
		if bad == good {
			t.Fatalf("the record has no %s", tc.old)
		}
		tree[name] = &fstest.MapFile{Data: []byte(bad)}
		if p, err := undo.Plan(tree, name); err == nil {
			t.Errorf("%s for %s: got %v", tc.new, tc.old, p.Paths())
		}
	}
	if _, err := undo.Plan(fstest.MapFS{}, name); !errors.Is(err, undo.ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
}

// FuzzUndo reads any record: it never panics, and never plans to write outside the module or where it has no business.
func FuzzUndo(f *testing.F) {
	f.Add([]byte(`{"schema":"mcpauth.undo/v1","files":[{"path":"vendor/x","before":"sha256:00","hunks":[{"line":1,"theirs":"eA=="}]}]}`), []byte("x\n"))
	f.Add([]byte(`{"schema":"mcpauth.undo/v1","files":[{"path":"main.go","digest":"x","before":"y","hunks":[{"line":-1,"ours":"eAo="}]}]}`), []byte("x\n"))
	f.Add([]byte(`{"schema":"mcpauth.undo/v1","files":[{"path":"a/../../b","digest":"x"},{"path":".git/config","digest":"x"}]}`), []byte(""))
	f.Fuzz(func(t *testing.T, record, content []byte) {
		tree := fstest.MapFS{name: {Data: record}, "main.go": {Data: content}, "vendor/x/y.go": {Data: content}}
		p, err := undo.Plan(tree, name)
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		for _, op := range p.Ops {
			if strings.Contains("/"+strings.ToLower(op.Path)+"/", "/.git/") || op.Action == plan.Create && !strings.HasPrefix(op.Path, "vendor/") {
				t.Errorf("plans to %s %s", op.Action, op.Path)
			}
			if op.Action != plan.Create && (op.Prior == nil || *op.Prior != plan.Sum(tree[op.Path].Data)) {
				t.Errorf("plans to %s %s, which is something else", op.Action, op.Path)
			}
		}
	})
}

// FuzzTakenBack has a plan make any bytes of any others: they come back, whatever the person adds elsewhere.
func FuzzTakenBack(f *testing.F) {
	f.Add([]byte("a\nb\nc"), []byte("a\nx\nb\nc"))
	f.Add([]byte(""), []byte("a"))
	f.Add([]byte("a\n\n\na"), []byte("\na\n"))
	f.Fuzz(func(t *testing.T, old, new []byte) {
		prior := plan.Sum(old)
		tree := fstest.MapFS{"f": {Data: old}}
		p, err := undo.Add(tree, plan.Plan{Ops: []plan.Op{{Action: plan.Overwrite, Path: "f", Mode: 0o644, Content: new, Prior: &prior}}}, name)
		if err != nil {
			t.Fatal(err)
		}
		carryOut(tree, p)
		back, err := undo.Plan(fs.FS(tree), name)
		if err != nil {
			t.Fatal(err)
		}
		if carryOut(tree, back); string(tree["f"].Data) != string(old) {
			t.Errorf("%q became %q", old, tree["f"].Data)
		}
	})
}

// FuzzMerge has the person add a line after the plan made new of old: undoing refuses, or brings old back around that line.
func FuzzMerge(f *testing.F) {
	f.Add([]byte("a\nb\nc"), []byte("a\nx\nb\nc"), uint8(3))
	f.Add([]byte("a\na\n"), []byte("a\na\na\n"), uint8(1))
	f.Add([]byte("x\nb\nx\n"), []byte("y\nb\ny\n"), uint8(2))
	f.Add([]byte("a\n"), []byte("b\na\n"), uint8(0))
	f.Fuzz(func(t *testing.T, old, new []byte, where uint8) {
		const mine = "\x00mine\n"
		lines := slices.Collect(bytes.Lines(new))
		if bytes.IndexByte(old, 0) >= 0 || bytes.IndexByte(new, 0) >= 0 || int(where) > len(lines) || !bytes.HasSuffix(new, []byte("\n")) {
			return
		}
		prior := plan.Sum(old)
		tree := fstest.MapFS{"f": {Data: old}}
		p, err := undo.Add(tree, plan.Plan{Ops: []plan.Op{{Action: plan.Overwrite, Path: "f", Mode: 0o644, Content: new, Prior: &prior}}}, name)
		if err != nil {
			t.Fatal(err)
		}
		carryOut(tree, p)
		tree["f"] = &fstest.MapFile{Data: bytes.Join(slices.Insert(lines, int(where), []byte(mine)), nil)}
		back, err := undo.Plan(tree, name)
		if _, changed := errors.AsType[undo.ChangedError](err); changed {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		carryOut(tree, back)
		if got := strings.Replace(string(tree["f"].Data), mine, "", 1); got != string(old) || len(got) == len(tree["f"].Data) {
			t.Errorf("%q made %q; with a line at %d it became %q", old, new, where, tree["f"].Data)
		}
	})
}
