package gosource

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// program writes a module whose program in cmd/api is made of three packages, and that has two more.
func program(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":           "module example.com/m\n\ngo 1.25.0\n",
		"cmd/api/main.go":  "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { a.A() }\n",
		"a/a.go":           "package a\n\nimport \"example.com/m/a/b\"\n\nfunc A() { b.B() }\n",
		"a/never.go":       "//go:build never\n\npackage a\n\nimport _ \"example.com/m/broken\"\n",
		"a/a_test.go":      "package a\n\nimport _ \"example.com/m/other\"\n",
		"a/b/b.go":         "package b\n\nfunc B() {}\n",
		"broken/broken.go": "package broken\n\nfunc f() { undefined() }\n",
		"other/other.go":   "package other\n",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestQuickIsThorough wants the same of both ways, and no more than the build has.
func TestQuickIsThorough(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(program(t), "cmd", "api")
	got := quick(t.Context(), dir, "off")
	want, err := thorough(t.Context(), dir, "off")
	if got == nil || err != nil {
		t.Fatal(got, err)
	}
	paths := func(m *Module) (list []string) {
		for _, p := range m.Packages {
			list = append(list, p.PkgPath)
		}
		return list
	}
	if made := paths(got); !slices.Equal(made, paths(want)) || !slices.Equal(made, []string{"example.com/m/a/b", "example.com/m/a", "example.com/m/cmd/api"}) {
		t.Errorf("it is made of %q and %q", made, paths(want))
	}
	names := func(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }
	if !slices.Equal(names(got.Sources), names(want.Sources)) || !slices.Equal(names(got.Hidden), names(want.Hidden)) || len(got.Hidden) != 1 {
		t.Errorf("sources %q and %q, hidden %q and %q", names(got.Sources), names(want.Sources), names(got.Hidden), names(want.Hidden))
	}
	if got.Program.Name != "main" || got.Dir != want.Dir || got.Path != want.Path || got.GoVersion != want.GoVersion {
		t.Errorf("%s in %s, %s, go %s", got.Program.Name, got.Dir, got.Path, got.GoVersion)
	}
}

// TestQuickLeavesWhatIsWrong wants thorough to report it.
func TestQuickLeavesWhatIsWrong(t *testing.T) {
	t.Parallel()
	root := program(t)
	for _, dir := range []string{"broken", "empty", "."} {
		if m := quick(t.Context(), filepath.Join(root, dir), "off"); m != nil {
			t.Errorf("%s is loaded: %v", dir, m.Program)
		}
	}
}
