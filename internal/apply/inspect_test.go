package apply

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/plan"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := filepath.Join(dir, "srv")
	inspect := func(name string) State {
		t.Helper()
		before := tree(t, dir)
		s, err := Inspect(filepath.Join(dir, name), project(), secrets())
		if err != nil {
			t.Fatal(err)
		}
		sameTree(t, "after Inspect", tree(t, dir), before)
		return s
	}
	if s := inspect("a/b"); !s.Missing || s.InPlace {
		t.Errorf("missing: %+v", s)
	}
	mkdir("srv", 0o755)(t, dir)
	if s := inspect("srv"); !s.Empty || s.Missing || s.InPlace || s.Identical {
		t.Errorf("empty: %+v", s)
	}
	plant(t, filepath.Join(target, scratchStem+"99999999/x"), "", 0o600)
	if s := inspect("srv"); !s.Empty || !s.InPlace {
		t.Errorf("empty but for a leftover: %+v", s)
	}
	if _, err := Modify(t.Context(), target, project(), secrets(), nil); err != nil {
		t.Fatal(err)
	}
	plant(t, filepath.Join(target, "README"), "", 0o644)
	plant(t, filepath.Join(target, ".git/config"), "", 0o644)
	plant(t, filepath.Join(target, "internal/other.go"), "", 0o644)
	if s := inspect("srv"); !s.Identical || s.Empty || !s.InPlace || strings.Join(s.Others, " ") != ".git/ README" {
		t.Errorf("identical: %+v", s)
	}
	plant(t, filepath.Join(target, "main.go"), "package other\n", 0o644)
	plant(t, filepath.Join(target, ".env"), "SECRET=\n", 0o600)
	if s := inspect("srv"); s.Identical || strings.Join(s.Conflicts, " ") != ".env main.go" || len(s.Modes) > 0 {
		t.Errorf("conflicts: %+v", s)
	}
}

func TestInspectModes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Modify(t.Context(), dir, project(), secrets(), nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"main.go", ".env"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Inspect(dir, project(), secrets())
	if err != nil || s.Identical || len(s.Conflicts) > 0 || strings.Join(s.Modes, " ") != ".env main.go" {
		t.Errorf("%+v, %v, want other modes", s, err)
	}
	p := s.Resolve(project())
	if got := strings.Join(p.Paths(), " "); got != ".env" {
		t.Errorf("resolved to %s, want the file with the secret only", got)
	}
	if _, err := Modify(t.Context(), dir, p, secrets(), nil); err != nil {
		t.Fatal(err)
	}
	want := projectTree()
	want["main.go"] = "-r--r--r-- package main\n"
	want[".env"] = "-r-------- SECRET=" + secret + "\n"
	sameTree(t, "resolved", tree(t, dir), want)
}

func TestInspectProblems(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := filepath.Join(dir, "srv")
	plant(t, filepath.Join(target, "internal"), "a file", 0o644)
	symlink(t, dir, target, "bin")
	mkdir("srv/main.go", 0o755)(t, dir)
	s, err := Inspect(target, project(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range s.Problems {
		got = append(got, p.Error())
	}
	want := "bin is a symbolic link; internal is not a directory; main.go is not a regular file"
	if strings.Join(got, "; ") != want {
		t.Errorf("problems %s, want %s", strings.Join(got, "; "), want)
	}
	for name, reason := range map[string]Reason{"srv/internal": NotDirectory, "srv/internal/x": NotDirectory, "none": Dangling} {
		if reason == Dangling {
			symlink(t, "nowhere", dir, "none")
		}
		s, err := Inspect(filepath.Join(dir, name), project(), nil)
		if err != nil || len(s.Problems) != 1 || s.Problems[0].Reason != reason || s.Missing {
			t.Errorf("%s: %+v, %v, want %s", name, s, err, reason)
		}
	}
}

// TestInspectAsksTheFileSystem stands in for one that ignores case with two names of one file.
func TestInspectAsksTheFileSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plant(t, filepath.Join(dir, "MAIN.go"), "theirs", 0o644)
	if err := os.Link(filepath.Join(dir, "MAIN.go"), filepath.Join(dir, "main.go")); err != nil {
		t.Fatal(err)
	}
	s, err := Inspect(dir, project(), nil)
	if err != nil || len(s.Others) > 0 || strings.Join(s.Conflicts, "") != "main.go" {
		t.Errorf("%+v, %v, want one conflict and nothing else", s, err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plant(t, filepath.Join(dir, "main.go"), "theirs", 0o640)
	plant(t, filepath.Join(dir, "internal/empty"), "", 0o644)
	p := project()
	p.Notes = []string{"note"}
	s, err := Inspect(dir, p, secrets())
	if err != nil {
		t.Fatal(err)
	}
	r := s.Resolve(p)
	if got := strings.Join(r.Paths(), " "); got != "main.go .env internal/auth/token.go internal/auth/keys.go bin/run.sh" {
		t.Errorf("resolved to %s", got)
	}
	if op := r.Ops[0]; op.Action != plan.Overwrite || *op.Prior != plan.Sum([]byte("theirs")) || r.Ops[1].Action != plan.Create || r.Notes[0] != "note" {
		t.Errorf("resolved to %+v", r)
	}
	if p.Ops[0].Action != plan.Create {
		t.Error("Resolve changed its argument")
	}
	if _, err := Modify(t.Context(), dir, r, secrets(), nil); err != nil {
		t.Fatal(err)
	}
	want := projectTree()
	want["main.go"] = "-rw-r----- package main\n"
	sameTree(t, "resolved", tree(t, dir), want)
}
