package check_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/templates"
)

func silent(string) func() { return func() {} }

// keeper is a workshop whose kept folder holds the file made, and the names of the steps that ran.
func keeper(t *testing.T, steps ...templates.Step) (w check.Workshop, ran *[]string, begin func(string) func()) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the steps are those of a POSIX system")
	}
	w = check.Workshop{
		Stack: templates.Stack{Name: "some", Kept: templates.Kept{
			Key: []string{"lock"}, Has: "{kept}/made",
			Steps: append([]templates.Step{{Name: "making", Run: []string{"touch", "{kept}/made"}}}, steps...),
		}},
		Dir: t.TempDir(), Scratch: t.TempDir(),
	}
	write(t, filepath.Join(w.Dir, "lock"), "one")
	ran = new([]string)
	return w, ran, func(name string) func() {
		*ran = append(*ran, name)
		return func() {}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestKeptIsMadeOnce wants the folder made for the first project, shared with its likes, and made for another lock file.
func TestKeptIsMadeOnce(t *testing.T) {
	t.Parallel()
	w, ran, begin := keeper(t)
	cache := t.TempDir()
	first, err := w.Keep(t.Context(), cache, begin)
	if err != nil || !slices.Equal(*ran, []string{"making"}) {
		t.Fatalf("ran %q: %v", *ran, err)
	}
	if got := first.Command([]string{"{kept}/made", "{project}/x"}); got[0] != filepath.Join(first.Kept, "made") || got[1] != filepath.Join(w.Dir, "x") {
		t.Errorf("commands are given %q", got)
	}
	if again, err := w.Keep(t.Context(), cache, begin); err != nil || again.Kept != first.Kept || len(*ran) != 1 {
		t.Errorf("made again: %q in %s, %v", *ran, again.Kept, err)
	}
	if err := os.Remove(filepath.Join(first.Kept, "made")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Keep(t.Context(), cache, begin); err != nil || len(*ran) != 2 {
		t.Errorf("a folder that lost its interpreter was not made anew: %q, %v", *ran, err)
	}
	write(t, filepath.Join(w.Dir, "lock"), "two")
	if other, err := w.Keep(t.Context(), cache, begin); err != nil || other.Kept == first.Kept || len(*ran) != 3 {
		t.Errorf("another lock file shares %s: %q, %v", other.Kept, *ran, err)
	}
}

// TestKeptLeavesNoHalf wants nothing left of a folder whose making failed, and the tool that is missing named.
func TestKeptLeavesNoHalf(t *testing.T) {
	t.Parallel()
	look := templates.Step{Name: "looking", Looks: true, Run: []string{"sh", "-c", "echo too old >&2; exit 1"}}
	w, _, begin := keeper(t, look)
	cache := t.TempDir()
	_, err := w.Keep(t.Context(), cache, begin)
	if !errors.Is(err, check.ErrNoTool) || !strings.HasSuffix(err.Error(), ": too old") {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(cache, "mcpauth")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestKeptWithoutCache wants the folder made for this project alone.
func TestKeptWithoutCache(t *testing.T) {
	t.Parallel()
	w, _, begin := keeper(t)
	kept, err := w.Keep(t.Context(), "", begin)
	if err != nil || !strings.HasPrefix(kept.Kept, w.Scratch) {
		t.Errorf("kept in %s: %v", kept.Kept, err)
	}
}
