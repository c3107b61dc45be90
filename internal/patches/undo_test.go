package patches_test

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/golden"
)

// TestUndoAfterChanges takes a patch back from trees that were changed since.
func TestUndoAfterChanges(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/servemux-variable.txtar"))
	dir := c.module(t)
	before := tree(t, dir)
	retrofit(t, dir, 0)
	patched := tree(t, dir)
	main, mod := string(before["main.go"]), string(before["go.mod"])
	for _, tc := range []struct {
		name   string
		change func(files map[string][]byte)
		says   string
		want   func(files map[string][]byte) // of the tree before; nil where it is refused
	}{
		{"changes elsewhere stay", func(files map[string][]byte) {
			files["main.go"] = slices.Concat(files["main.go"], []byte("\n// mine\n"))
			files["go.mod"] = slices.Concat(files["go.mod"], []byte("\nexclude example.com/mine v1.0.0\n"))
			files["own.txt"] = []byte("mine")
		}, "which stay: main.go, go.mod", func(files map[string][]byte) {
			files["main.go"] = []byte(main + "\n// mine\n")
			files["go.mod"] = []byte(mod + "\nexclude example.com/mine v1.0.0\n")
			files["own.txt"] = []byte("mine")
		}},
		{"what git has taken back", func(files map[string][]byte) {
			files["main.go"], files["go.mod"] = before["main.go"], before["go.mod"]
			delete(files, "go.sum")
			delete(files, "mcpauth_main.go")
		}, "already as before: main.go, mcpauth_main.go, go.mod, go.sum", func(map[string][]byte) {}},
		{"a change of the wrapped line", func(files map[string][]byte) {
			files["main.go"] = bytes.Replace(files["main.go"], []byte("withMCP("), []byte("withMCP(/* mine */ "), 1)
		}, "+\t", nil},
		{"code that needs the patch", func(files map[string][]byte) {
			files["main.go"] = slices.Concat(files["main.go"], []byte("\nvar mine = withMCP(nil)\n"))
		}, "RF-UNDO: what you have written since needs the patch: ", nil},
		{"tools", func(files map[string][]byte) {
			files["internal/mcpauth/internal/tools/tools.go"] = slices.Concat(files["internal/mcpauth/internal/tools/tools.go"], []byte("// mine\n"))
		}, "  internal/mcpauth/internal/tools/tools.go", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(patched)
			tc.change(files)
			dir := t.TempDir()
			write(t, dir, files)
			want, exit := files, 3
			if tc.want != nil {
				want, exit = maps.Clone(before), 0
				tc.want(want)
			}
			if _, said := retrofit(t, dir, exit, "--undo"); !strings.Contains(said, tc.says) {
				t.Errorf("said\n%swant %q", said, tc.says)
			}
			if err := golden.Compare(tree(t, dir), want); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRunAgainAfterPartIsTakenBack wants a patch that was taken back in part to be neither repaired nor doubled.
func TestRunAgainAfterPartIsTakenBack(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/servemux-variable.txtar"))
	dir := c.module(t)
	before := tree(t, dir)
	retrofit(t, dir, 0)
	patched := tree(t, dir)
	for _, tc := range []struct {
		name  string
		paths []string
		says  string
	}{
		{"the call", []string{"main.go"}, "mcpauth_main.go exists already"},
		{"the call and its function", []string{"main.go", "mcpauth_main.go"}, "internal/mcpauth/mcpauth.go exists already"},
		{"the function", []string{"mcpauth_main.go"}, "RF-BUILD: main.go:"},
		{"the requirements", []string{"go.mod", "go.sum"}, "RF-BUILD: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(patched)
			for _, path := range tc.paths {
				if files[path] = before[path]; files[path] == nil {
					delete(files, path)
				}
			}
			dir := t.TempDir()
			write(t, dir, files)
			_, said := retrofit(t, dir, 3)
			if !strings.Contains(said, tc.says) || !strings.Contains(said, "hint: mcpauth retrofit --undo takes") {
				t.Errorf("said\n%swant %q", said, tc.says)
			}
			if err := golden.Compare(tree(t, dir), files); err != nil {
				t.Error(err)
			}
			retrofit(t, dir, 0, "--undo")
			if err := golden.Compare(tree(t, dir), before); err != nil {
				t.Error(err)
			}
		})
	}
}
