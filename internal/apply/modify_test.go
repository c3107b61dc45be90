package apply

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/mcpauth/mcpauth/internal/plan"
)

func TestModify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plantPatched(t, dir)
	symlink(t, dir, t.TempDir(), "link")
	var s saboteur
	tr := newTransaction(t.Context(), s.system(1<<30), patch(), secrets(), nil)
	res, err := tr.modify(dir)
	if err != nil || len(res.Swept)+len(res.Left) > 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	sameTree(t, "target", tree(t, dir), patchedTree())

	// The originals and their list, then what replaces them; not the files that can be rendered again.
	want := "0001 0002 0004 0005 journal.json .mcpauth-scratch-1073741824 ." +
		" .main.go.mcpauth-1073741824 ..env.mcpauth-1073741824 .go.mod.mcpauth-1073741824"
	if got := strings.Join(s.flushed, " "); got != want {
		t.Errorf("flushed %s, want %s", got, want)
	}
}

func TestModifyFlushesNoNewFile(t *testing.T) {
	t.Parallel()
	var s saboteur
	dir := t.TempDir()
	if _, err := newTransaction(t.Context(), s.system(1<<30), project(), secrets(), nil).modify(dir); err != nil {
		t.Fatal(err)
	}
	if len(s.flushed) > 0 {
		t.Errorf("flushed %v although nothing is replaced", s.flushed)
	}
}

func TestModifyInTheWorkingDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if _, err := Modify(t.Context(), ".", project(), secrets(), nil); err != nil {
		t.Fatal(err)
	}
	sameTree(t, "target", tree(t, dir), projectTree())
}

func TestModifyFollowsTheTargetOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mkdir("real", 0o755)(t, dir)
	symlink(t, "real", dir, "link")
	if _, err := Modify(t.Context(), filepath.Join(dir, "link"), project(), secrets(), nil); err != nil {
		t.Fatal(err)
	}
	sameTree(t, "target", tree(t, filepath.Join(dir, "real")), projectTree())
}

func TestModifyRefuses(t *testing.T) {
	t.Parallel()
	one := func(op plan.Op) plan.Plan { return plan.Plan{Ops: []plan.Op{create("new/first.txt", "1", 0o644), op}} }
	for name, test := range map[string]struct {
		op     plan.Op
		before func(dir string) error
		want   Reason
	}{
		"create over a file":      {op: create("main.go", "x", 0o644), want: Exists},
		"create over a directory": {op: create("internal", "x", 0o644), want: Irregular},
		"create over a link":      {op: create("l", "x", 0o644), before: link("../outside/f", "l"), want: Symlink},
		"create over dangling":    {op: create("l", "x", 0o644), before: link("none", "l"), want: Symlink},
		"below a file":            {op: create("main.go/x", "x", 0o644), want: NotDirectory},
		"below a link outside":    {op: create("l/x", "x", 0o644), before: link("../outside", "l"), want: Symlink},
		"below an absolute link":  {op: create("l/x", "x", 0o644), before: link("/tmp", "l"), want: Symlink},
		"below a link inside":     {op: create("l/x", "x", 0o644), before: link("internal", "l"), want: Symlink},
		"overwrite what is gone":  {op: overwrite("gone.go", "x", "y"), want: Absent},
		"overwrite other bytes":   {op: overwrite("main.go", "x", "package main // older\n"), want: Changed},
		"overwrite through link":  {op: overwrite("l", "x", "secret"), before: link("../outside/f", "l"), want: Symlink},
		"git":                     {op: create(".git/hooks/post-checkout", "x", 0o755), want: Reserved},
		"journal":                 {op: create(".mcpauth-journal/journal.json", "x", 0o644), want: Reserved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			plant(t, filepath.Join(dir, "outside/f"), "secret", 0o600)
			target := filepath.Join(dir, "srv")
			plantPatched(t, target)
			if test.before != nil {
				if err := test.before(target); err != nil {
					t.Fatal(err)
				}
			}
			before := tree(t, dir)
			_, err := Modify(t.Context(), target, one(test.op), nil, nil)
			wantRefused(t, err, test.want)
			sameTree(t, "after the refusal", tree(t, dir), before)
			if test.want == Reserved {
				return
			}
			s, err := Inspect(target, one(test.op), nil)
			if err != nil || len(s.Problems)+len(s.Conflicts) == 0 && test.want != Absent {
				t.Errorf("Inspect = %+v, %v, want it to know", s, err)
			}
		})
	}
	_, err := Modify(t.Context(), filepath.Join(t.TempDir(), "none"), project(), nil, nil)
	wantRefused(t, err, Absent)
}

func link(to, name string) func(dir string) error {
	return func(dir string) error { return os.Symlink(to, filepath.Join(dir, name)) }
}

// TestChangedWhileModifying lets someone else get in the way between the journal and each rename: before the first
// change, and when the replacement is all but written.
func TestChangedWhileModifying(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meddle func(dir string) error
		early  bool   // only possible before the first change
		path   string // that of the meddler afterwards
		want   Reason // empty for a failure
	}{
		"edited":                   {meddle: write("go.mod", "module edited\n"), path: "go.mod", want: Changed},
		"deleted":                  {meddle: func(dir string) error { return os.Remove(filepath.Join(dir, "go.mod")) }, path: "go.mod", want: Absent},
		"appeared":                 {meddle: write("run.sh", "theirs"), path: "run.sh", want: Exists},
		"became a link":            {meddle: link("main.go", "run.sh"), path: "run.sh", want: Symlink},
		"parent is a link":         {meddle: link("internal", "sub"), early: true, path: "sub", want: Symlink},
		"parent is a file":         {meddle: write("sub", "theirs"), early: true, path: "sub", want: NotDirectory},
		"temporary file is a link": {meddle: link("main.go", ".run.sh.mcpauth-1073741824"), early: true, path: ".run.sh.mcpauth-1073741824"},
	} {
		for _, when := range []string{"mkdir auth", "write ." + test.path + ".mcpauth-1073741824"} {
			if test.early && when != "mkdir auth" {
				continue
			}
			t.Run(name+" at "+when, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				plantPatched(t, dir)
				p := patch()
				p.Ops = append(p.Ops, create("sub/x.go", "package sub\n", 0o644))
				var theirs map[string]string
				s := saboteur{at: 1, dead: true}
				s.do = func(op, file string) error {
					if op+" "+filepath.Base(file) != when || theirs != nil {
						return nil
					}
					err := test.meddle(dir)
					theirs = tree(t, dir)
					return err
				}
				want := tree(t, dir)
				_, err := newTransaction(t.Context(), s.system(1<<30), p, secrets(), nil).modify(dir)
				if test.want == "" {
					wantFailed(t, err, fs.ErrExist)
				} else {
					wantRefused(t, err, test.want)
				}
				got := tree(t, dir)
				delete(want, test.path)
				if what, ok := theirs[test.path]; ok {
					want[test.path] = what
				}
				sameTree(t, "undone but for "+test.path, got, want)
			})
		}
	}
}

// TestRenameThatReportsFailure: on a network the file may be renamed although the answer says that it is not.
func TestRenameThatReportsFailure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plantPatched(t, dir)
	before := tree(t, dir)
	done := false
	s := saboteur{at: 1, dead: true}
	s.do = func(op, path string) error {
		if op != "rename" || !strings.Contains(path, ".main.go.") || done {
			return nil
		}
		done = true
		return errors.Join(os.Rename(path, filepath.Join(dir, "main.go")), syscall.EIO)
	}
	_, err := newTransaction(t.Context(), s.system(1<<30), patch(), secrets(), nil).modify(dir)
	wantFailed(t, err, syscall.EIO)
	sameTree(t, "undone", tree(t, dir), before)
}

func write(name, text string) func(dir string) error {
	return func(dir string) error {
		file := filepath.Join(dir, name)
		return errors.Join(os.RemoveAll(file), os.WriteFile(file, []byte(text), 0o644))
	}
}

func TestSecretsAreNeverReadableByOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plantPatched(t, dir)
	looked := 0
	s := saboteur{at: 1, dead: true}
	s.do = func(op, path string) error {
		inJournal := strings.Contains(path, scratchStem) && !strings.HasSuffix(path, ".go")
		if op != "write" && op != "close" || !inJournal && !strings.Contains(path, ".env") {
			return nil
		}
		looked++
		if info, err := os.Stat(path); err != nil || hasModes() && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v before it is complete, want 0600", path, info.Mode(), err)
		}
		return nil
	}
	if _, err := newTransaction(t.Context(), s.system(1<<30), patch(), secrets(), nil).modify(dir); err != nil {
		t.Fatal(err)
	}
	if looked != 2*(4+1+1) {
		t.Errorf("looked at %d writes, want those of 4 originals, the journal and the new .env", looked)
	}
}

func TestWriteIsPrivateUntilItIsComplete(t *testing.T) {
	t.Parallel()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, private := range []bool{false, true} {
		s := saboteur{at: 1, dead: true}
		s.do = func(op, path string) error {
			if info, err := os.Stat(path); op == "write" && (err != nil || hasModes() && (info.Mode().Perm() == 0o600) != private) {
				t.Errorf("private %v: mode %v, %v", private, info.Mode(), err)
			}
			return nil
		}
		f := files{root, s.system(1)}
		if err := errors.Join(f.write("f", content{mode: 0o664, private: private}), f.remove("f")); err != nil {
			t.Error(err)
		}
	}
}

func TestModifyStagesInside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plantPatched(t, dir)
	before := tree(t, dir)
	broken := errors.New("does not build")
	_, err := Modify(t.Context(), dir, project(), secrets(), func(staged string) error {
		sameTree(t, "staged", tree(t, staged), projectTree())
		if filepath.Dir(staged) != dir {
			t.Errorf("staged in %s, want inside %s", staged, dir)
		}
		return broken
	})
	if !errors.Is(err, broken) || !isRejected(err) {
		t.Errorf("error %v, want the function's, rejected", err)
	}
	sameTree(t, "after the rejection", tree(t, dir), before)
}

func TestNothingToModify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := saboteur{at: 1, do: die, dead: true}
	if _, err := newTransaction(t.Context(), s.system(1<<30), plan.Plan{}, nil, nil).modify(dir); err != nil || len(s.ops) > 0 {
		t.Errorf("%v, changes %v, want none", err, s.ops)
	}
}

func TestConcurrentModifies(t *testing.T) {
	t.Parallel()
	for range 10 {
		dir := t.TempDir()
		errs := make([]error, 4)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = Modify(t.Context(), dir, project(), secrets(), nil) })
		}
		all.Wait()
		errs = slices.DeleteFunc(errs, func(err error) bool {
			return errors.Is(err, Busy) || errors.Is(err, Unfinished) || errors.Is(err, Exists)
		})
		if len(errs) != 1 || errs[0] != nil {
			t.Errorf("errors %v besides refusals, want one success", errs)
		}
		sameTree(t, "target", tree(t, dir), projectTree())
	}
}
