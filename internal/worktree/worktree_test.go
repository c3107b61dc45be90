package worktree_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mcpauth/mcpauth/internal/worktree"
)

func gitRun(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// repository has everything committed, a module in sub among it.
func repository(t *testing.T) (root, module string) {
	t.Helper()
	root = t.TempDir()
	gitRun(t, root, "init", "-q")
	for _, name := range []string{"top", "sub/a", "sub/b", "sub/c", "sub/d"} {
		write(t, root, name, name)
	}
	write(t, root, ".gitignore", "*.log\n")
	gitRun(t, root, "add", "-A")
	gitRun(t, root, "commit", "-q", "-m", "all")
	return root, filepath.Join(root, "sub")
}

func want(t *testing.T, dir string, files ...string) {
	t.Helper()
	got, err := worktree.Dirty(t.Context(), dir)
	if err != nil || !slices.Equal(got, files) {
		t.Errorf("%q, %v, want %q", got, err, files)
	}
}

func TestDirty(t *testing.T) {
	t.Parallel()
	root, module := repository(t)
	want(t, root)
	want(t, module)
	write(t, root, "sub/a", "modified")
	write(t, root, "sub/b", "staged")
	gitRun(t, root, "add", "sub/b")
	if err := os.Remove(filepath.Join(root, "sub", "c")); err != nil {
		t.Fatal(err)
	}
	gitRun(t, root, "mv", "sub/d", "sub/e f")
	write(t, root, "sub/new/ü\"", "untracked")
	write(t, root, "sub/x.log", "ignored")
	write(t, root, "other", "not of the module")
	want(t, module, "a", "b", "c", "d", "e f", "new/ü\"")
	want(t, root, "other", "sub/a", "sub/b", "sub/c", "sub/d", "sub/e f", "sub/new/ü\"")
}

func TestNoRepository(t *testing.T) {
	t.Parallel()
	want(t, t.TempDir())
}

func TestGitCannotTell(t *testing.T) {
	root, module := repository(t)
	write(t, root, ".git/config", "[broken")
	if _, err := worktree.Dirty(t.Context(), module); !errors.Is(err, worktree.ErrUnknown) {
		t.Errorf("a broken repository: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := worktree.Dirty(t.Context(), module); !errors.Is(err, worktree.ErrUnknown) {
		t.Errorf("no git: %v", err)
	}
}

// TestAnotherRepositoryInTheEnvironment: git sets such variables for its hooks.
func TestAnotherRepositoryInTheEnvironment(t *testing.T) {
	_, module := repository(t)
	write(t, module, "a", "modified")
	other, _ := repository(t)
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	t.Setenv("GIT_WORK_TREE", other)
	want(t, module, "a")
}
