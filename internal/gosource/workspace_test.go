package gosource

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWorkspace(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "go.work")
	for name, content := range map[string]string{
		"go.work": "go 1.25.0\n\nuse (\n\t./app\n\t" + filepath.ToSlash(filepath.Join(root, "there")) + "\n)\n", "app/go.mod": "", "there/go.mod": "", "other/go.mod": "",
	} {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct{ gowork, dir, want string }{
		{"", "app", file},
		{"", "there", file},
		{"", "other", ""},
		{"off", "app", ""},
		{filepath.Join(root, "gone.work"), "app", ""},
	} {
		t.Setenv("GOWORK", tc.gowork)
		if got := workspace(filepath.Join(root, tc.dir)); got != tc.want {
			t.Errorf("GOWORK=%s, %s: %q, want %q", tc.gowork, tc.dir, got, tc.want)
		}
	}
}
