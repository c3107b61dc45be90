//go:build !windows

package worktree_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestNothingOfTheRepositoryIsRun has every setting name a program that leaves a file, and sees that git status by itself
// does run them.
func TestNothingOfTheRepositoryIsRun(t *testing.T) {
	t.Parallel()
	root, module := repository(t)
	ran := filepath.Join(t.TempDir(), "ran")
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho \"$0 $*\" >>"+ran+"\ncat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	hooks := filepath.Join(root, ".git", "hooks")
	if err := os.MkdirAll(hooks, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(hooks, "post-index-change")); err != nil {
		t.Fatal(err)
	}
	write(t, root, ".gitattributes", "a filter=plain\nb filter=process\nc filter=odd=name.clean\n")
	gitRun(t, root, "add", "-A")
	gitRun(t, root, "commit", "-q", "-m", "attributes")
	for _, name := range []string{"core.fsmonitor", "filter.plain.clean", "filter.process.process", "filter.odd=name.clean.clean", "core.sshCommand", "core.pager", "core.editor"} {
		gitRun(t, root, "config", name, program)
	}
	gitRun(t, root, "config", "filter.process.required", "true")
	touch(t, module, "a", "b", "c")
	if err := os.Remove(ran); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	want(t, module)
	if said, err := os.ReadFile(ran); err == nil {
		t.Errorf("ran %s", said)
	}
	plain := exec.Command("git", "status")
	plain.Dir = module
	plain.Run()
	if _, err := os.Stat(ran); err != nil {
		t.Errorf("the trap does not work: %v", err)
	}
}

// touch makes git look into files whose bytes are the same.
func touch(t *testing.T, dir string, names ...string) {
	t.Helper()
	for i, name := range names {
		at := time.Unix(int64(1e9+i), 0)
		if err := os.Chtimes(filepath.Join(dir, name), at, at); err != nil {
			t.Fatal(strconv.Quote(name), err)
		}
	}
}
