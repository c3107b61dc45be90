package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/iostreams"
)

// TestSurvey patches a copy of one program of a folder and refuses the other.
func TestSurvey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/go.mod":  "module example.com/a\n\ngo 1.25.0\n",
		"a/main.go": "package main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.ListenAndServe(\"\", nil)\n}\n",
		"b/go.mod":  "module example.com/b\n\ngo 1.25.0\n",
		"b/main.go": "package main\n\nfunc main() {}\n",
		"list":      "a\n",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	patched := "a\t.\tmain.go:6 http.ListenAndServe\tpatched\tpatched\tmain.go:6\t1\tyes\tyes\tyes\tyes\tyes\t"
	refused := "b\t.\t-\tRF-NONE: "
	for args, want := range map[string][]string{
		"--survey " + dir: {patched, refused},
		"--survey " + dir + " --survey-list " + filepath.Join(dir, "list"): {patched},
	} {
		streams, _, out, errs := iostreams.Test()
		code := cmd.Main(t.Context(), append([]string{"retrofit"}, strings.Fields(args)...), streams, func(string) string { return "" })
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if code != 0 || len(lines) != len(want)+1 {
			t.Fatalf("%s: exit code %d\n%s%s", args, code, out, errs)
		}
		for i, line := range lines[1:] {
			if !strings.HasPrefix(line, want[i]) {
				t.Errorf("%s:\n%s\nwant\n%s", args, line, want[i])
			}
		}
	}
	if after := tree(t, dir); len(after) != len(before) {
		t.Errorf("the originals changed: %d files, not %d", len(after), len(before))
	}
}
