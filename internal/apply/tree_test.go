package apply

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/mcpauth/mcpauth/internal/plan"
)

const secret = "s3cret-value"

func secrets() map[string]string { return map[string]string{"SK_CLIENT_SECRET": secret} }

// tree describes everything below dir, with modes and bytes.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		what := info.Mode().String()
		switch {
		case info.Mode().IsRegular():
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			what += " " + string(b)
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(name)
			if err != nil {
				return err
			}
			what += " -> " + to
		}
		all[filepath.ToSlash(rel)] = what
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sameTree(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	got, want = portable(got), portable(want)
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: %s is %q, want %q", what, name, got[name], want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: unexpected %s: %q", what, name, got[name])
		}
	}
}

func isSame(a, b map[string]string) bool { return maps.Equal(portable(a), portable(b)) }

func hasModes() bool { return runtime.GOOS != "windows" }

// portable leaves out the modes where the system keeps none.
func portable(tree map[string]string) map[string]string {
	if hasModes() {
		return tree
	}
	without := make(map[string]string, len(tree))
	for name, what := range tree {
		without[name] = what[:1] + what[len("-rwxrwxrwx"):]
	}
	return without
}

// plant writes a file and its parents with an exact mode.
func plant(t testing.TB, name, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

func create(name, text string, mode fs.FileMode) plan.Op {
	return plan.Op{Action: plan.Create, Path: name, Mode: mode, Content: []byte(text), Reason: "test"}
}

func overwrite(name, text, prior string) plan.Op {
	sum := plan.Sum([]byte(prior))
	return plan.Op{Action: plan.Overwrite, Path: name, Mode: 0o644, Content: []byte(text), Prior: &sum, Reason: "test"}
}

func remove(name, prior string) plan.Op {
	sum := plan.Sum([]byte(prior))
	return plan.Op{Action: plan.Delete, Path: name, Mode: 0o644, Prior: &sum, Reason: "test"}
}

func withSecret(op plan.Op) plan.Op {
	op.Mode, op.Content = 0o600, []byte("SECRET=\n")
	op.Holes = []plan.Hole{{Offset: 7, Secret: "SK_CLIENT_SECRET"}}
	return op
}

// project is a plan for a new directory.
func project() plan.Plan {
	return plan.Plan{Ops: []plan.Op{
		create("main.go", "package main\n", 0o644),
		withSecret(create(".env", "", 0o600)),
		create("internal/auth/token.go", "package auth\n", 0o644),
		create("internal/auth/keys.go", "package auth\n\n// keys\n", 0o644),
		create("bin/run.sh", "#!/bin/sh\n", 0o755),
		create("internal/empty", "", 0o644),
	}}
}

// projectTree is what project makes, directories with the usual umask.
func projectTree() map[string]string {
	return map[string]string{
		".":                      "drwxr-xr-x",
		"main.go":                "-rw-r--r-- package main\n",
		".env":                   "-rw------- SECRET=" + secret + "\n",
		"bin":                    "drwxr-xr-x",
		"bin/run.sh":             "-rwxr-xr-x #!/bin/sh\n",
		"internal":               "drwxr-xr-x",
		"internal/empty":         "-rw-r--r-- ",
		"internal/auth":          "drwxr-xr-x",
		"internal/auth/token.go": "-rw-r--r-- package auth\n",
		"internal/auth/keys.go":  "-rw-r--r-- package auth\n\n// keys\n",
	}
}

// patched is an existing directory, the plan that changes it, and what it then is.
func plantPatched(t testing.TB, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	plant(t, filepath.Join(dir, "main.go"), "package main // old\n", 0o640)
	plant(t, filepath.Join(dir, "go.mod"), "module old\n", 0o444)
	plant(t, filepath.Join(dir, ".env"), "SECRET=older\n", 0o644)
	plant(t, filepath.Join(dir, "internal/kept.go"), "package internal\n", 0o600)
	plant(t, filepath.Join(dir, "old/gone.go"), "package old\n", 0o644)
}

func patch() plan.Plan {
	return plan.Plan{Ops: []plan.Op{
		create("internal/auth/token.go", "package auth\n", 0o644),
		overwrite("main.go", "package main // new\n", "package main // old\n"),
		withSecret(overwrite(".env", "", "SECRET=older\n")),
		create("run.sh", "#!/bin/sh\n", 0o755),
		overwrite("go.mod", "module new\n", "module old\n"),
		remove("old/gone.go", "package old\n"),
	}}
}

func patchedTree() map[string]string {
	return map[string]string{
		".":                      "drwxr-xr-x",
		"main.go":                "-rw-r----- package main // new\n",
		"go.mod":                 "-r--r--r-- module new\n",
		".env":                   "-rw------- SECRET=" + secret + "\n",
		"run.sh":                 "-rwxr-xr-x #!/bin/sh\n",
		"internal":               "drwxr-xr-x",
		"internal/kept.go":       "-rw------- package internal\n",
		"internal/auth":          "drwxr-xr-x",
		"internal/auth/token.go": "-rw-r--r-- package auth\n",
	}
}

// below returns want as it appears one or more directories down.
func below(prefix string, want map[string]string) map[string]string {
	moved := make(map[string]string, len(want))
	for name, what := range want {
		moved[filepath.ToSlash(filepath.Join(prefix, name))] = what
	}
	return moved
}

func merge(trees ...map[string]string) map[string]string {
	all := make(map[string]string)
	for _, one := range trees {
		maps.Copy(all, one)
	}
	return all
}

// A saboteur is a system that does something before the nth change.
type saboteur struct {
	at   int
	do   func(op, path string) error
	ops  []string
	dead bool // after do, every change fails as after a kill

	flushed []string
}

func (s *saboteur) system(pid int) system {
	return system{pid: pid, alive: func(other int) bool { return other == pid }, before: s.before, flush: s.flush}
}

func (s *saboteur) flush(file *os.File) error {
	s.flushed = append(s.flushed, filepath.Base(file.Name()))
	return nil
}

func (s *saboteur) before(op, path string) error {
	s.ops = append(s.ops, fmt.Sprintf("%s %s", op, filepath.Base(path)))
	n := len(s.ops)
	if n == s.at || s.dead && n > s.at {
		return s.do(op, path)
	}
	return nil
}

// reached says whether the nth change came.
func (s *saboteur) reached() bool { return len(s.ops) >= s.at }
