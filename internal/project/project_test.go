package project_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/project"
)

// TestLoadReadsEveryGoldenProject reads what init wrote: the answers come back as they were given.
func TestLoadReadsEveryGoldenProject(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.FromSlash("../../testdata/golden/*/*/want/" + project.File))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d golden projects, want six at least: %v", len(files), err)
	}
	for _, file := range files {
		p, err := project.Load(filepath.Dir(file))
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Stack.Version != p.Version || len(p.Stack.Start) == 0 || p.Config.Port == 0 || len(p.Config.Scopes) == 0 {
			t.Errorf("%s: read as %+v", file, p)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(filepath.FromSlash("../../testdata/golden/go/dev/want/" + project.File))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, old, new, want string }{
		{"another schema", "project/v1", "project/v2", `schema "mcpauth.project/v2"`},
		{"an unknown stack", "stack: go", "stack: cobol", `unknown stack "cobol"`},
		{"an unknown answer", "  port:", "  porte:", "porte"},
		{"a wrong answer", "port: 3002", "port: 0", "use a number from 1 to 65535"},
		{"answers that do not fit", `mcp_path: "/"`, `mcp_path: "/mcp"`, "--mcp-path /"},
		{"no YAML", "schema:", "\t:", "reading"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text := strings.Replace(string(good), tc.old, tc.new, 1)
			if text == string(good) {
				t.Fatalf("%q is not in the file", tc.old)
			}
			if err := os.WriteFile(filepath.Join(dir, project.File), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := project.Load(dir); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLoadOfNoProject(t *testing.T) {
	t.Parallel()
	if _, err := project.Load(t.TempDir()); !errors.Is(err, project.ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
}
