package cmd_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/iostreams"
)

var update = flag.Bool("update", false, "make the golden files what is rendered now")

// cases returns the golden cases, testdata/golden/<stack>/<case>.
func cases(t testing.TB) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.FromSlash("../testdata/golden/*/*/answers.yaml"))
	if err != nil || len(dirs) < 6 {
		t.Fatalf("%d golden cases, want six at least: %v", len(dirs), err)
	}
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	return dirs
}

// render runs init for a golden case and returns the new project. Environment variables are not read.
func render(t testing.TB, dir string) string {
	t.Helper()
	target := filepath.Join(t.TempDir(), filepath.Base(dir))
	stack := filepath.Base(filepath.Dir(dir))
	args := []string{"init", target, "--stack", stack, "--answers", filepath.Join(dir, "answers.yaml"), "--no-input"}
	extra, err := os.ReadFile(filepath.Join(dir, "args"))
	if err == nil {
		args = append(args, strings.Fields(string(extra))...)
	}
	streams, _, out, errs := iostreams.Test()
	if code := cmd.Main(t.Context(), args, streams, func(string) string { return "" }); code != 0 {
		t.Fatalf("mcpauth %q: exit code %d\n%s", args, code, errs)
	}
	if out.Len() > 0 {
		t.Errorf("printed %q on standard output", out)
	}
	return target
}

func TestGolden(t *testing.T) {
	for _, dir := range cases(t) {
		t.Run(filepath.Base(filepath.Dir(dir))+"/"+filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			target := render(t, dir)
			got, err := golden.Tree(target)
			if err != nil {
				t.Fatal(err)
			}
			checkModes(t, target)
			want := filepath.Join(dir, "want")
			if *update {
				if err := golden.Update(want, got, os.Getenv); err != nil {
					t.Fatal(err)
				}
				return
			}
			tree, err := golden.Tree(want)
			if err != nil {
				t.Fatal(err)
			}
			if err := golden.Compare(got, tree); err != nil {
				t.Errorf("%v\nif that is right: go test ./cmd -run TestGolden -update, and git add -f %s", err, want)
			}
		})
	}
}

// checkModes wants .env private and everything else public.
func checkModes(t *testing.T, target string) {
	t.Helper()
	if os.PathSeparator == '\\' {
		return // Windows keeps no such modes
	}
	filepath.WalkDir(target, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		want := fs.FileMode(0o644)
		if entry.Name() == ".env" {
			want = 0o600
		}
		if err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v, want %v: %v", path, info.Mode(), want, err)
		}
		return nil
	})
}

func TestTwentyRendersAreEqual(t *testing.T) {
	for _, dir := range cases(t) {
		first, err := golden.Tree(render(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		for range 19 {
			again, err := golden.Tree(render(t, dir))
			if err != nil {
				t.Fatal(err)
			}
			if err := golden.Compare(again, first); err != nil {
				t.Fatalf("%s: another render differs: %v", dir, err)
			}
		}
	}
}

// TestSecretIsInOneFile renders the case that has a secret and looks for it everywhere else.
func TestSecretIsInOneFile(t *testing.T) {
	dir := filepath.FromSlash("../testdata/golden/go/defaults")
	secret, err := os.ReadFile(filepath.Join(dir, "secret.txt"))
	if err != nil {
		t.Fatal(err)
	}
	secret = bytes.TrimSpace(secret)
	tree, err := golden.Tree(render(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(tree[".env"], []byte("\nSK_CLIENT_SECRET='"+string(secret)+"'\n")) {
		t.Errorf(".env does not hold the secret: %q", tree[".env"])
	}
	delete(tree, ".env")
	for name, data := range tree {
		if bytes.Contains(data, secret) {
			t.Errorf("%s holds the secret", name)
		}
	}
}

func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := golden.Tree(dir)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
