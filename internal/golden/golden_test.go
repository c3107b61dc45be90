package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompareBothWays(t *testing.T) {
	want := map[string]File{"same": []byte("a\n"), "gone": []byte("b"), "other": []byte("one\ntwo\n")}
	got := map[string]File{"same": []byte("a\n"), "extra": []byte("c"), "other": []byte("one\n2\n")}
	err := Compare(got, want)
	if err == nil {
		t.Fatal("different trees are equal")
	}
	for _, line := range []string{"gone: missing", "extra: unexpected", `other: line 2 is "2\n", want "two\n"`} {
		if !strings.Contains(err.Error(), line) {
			t.Errorf("%q lacks %q", err, line)
		}
	}
	if err := Compare(want, want); err != nil {
		t.Errorf("equal trees: %v", err)
	}
}

func TestUpdateIsRefusedInCI(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "kept")
	if err := os.WriteFile(kept, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Update(dir, map[string]File{"new": nil}, func(string) string { return "true" }); err == nil {
		t.Error("updated in CI")
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error("the refused update removed files")
	}
}

func TestUpdate(t *testing.T) {
	dir := t.TempDir()
	want := map[string]File{"a/b": []byte("x"), ".env": []byte("y")}
	if err := Update(dir, want, func(string) string { return "" }); err != nil {
		t.Fatal(err)
	}
	got, err := Tree(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := Compare(got, want); err != nil {
		t.Error(err)
	}
}

func TestTreeOfNothing(t *testing.T) {
	if _, err := Tree(t.TempDir()); err == nil {
		t.Error("an empty tree is no error")
	}
}
