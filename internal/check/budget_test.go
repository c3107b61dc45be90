package check_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const devProject = "../../testdata/golden/go/dev/want"

// TestModuleBudget holds the rendered project to two direct dependencies and a build list of sixteen modules.
func TestModuleBudget(t *testing.T) {
	t.Parallel()
	c := exec.Command("go", "list", "-m", "-f", "{{if not .Indirect}}direct {{end}}{{.Path}}", "all")
	c.Dir = filepath.FromSlash(devProject)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	modules := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(modules) > 16 || len(modules) < 3 {
		t.Errorf("%d modules, want 16 at most:\n%s", len(modules), out)
	}
	// The project itself counts as direct.
	if direct := strings.Count(string(out), "direct "); direct != 3 {
		t.Errorf("%d direct dependencies, want 2:\n%s", direct-1, out)
	}
}

// TestGoModIsTidy wants what go mod tidy would leave.
func TestGoModIsTidy(t *testing.T) {
	t.Parallel()
	c := exec.Command("go", "mod", "tidy", "-diff")
	c.Dir = filepath.FromSlash(devProject)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestFunctionBudget holds every function of the rendered project to 60 lines, but for tables of tests, and main.go as a whole too.
func TestFunctionBudget(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*.go", "internal/*/*.go"} {
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(devProject), filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			fset := token.NewFileSet()
			parsed, err := parser.ParseFile(fset, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			lines := func(n ast.Node) int { return fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1 }
			if filepath.Base(file) == "main.go" && lines(parsed) > 60 || lines(parsed) > 400 {
				t.Errorf("%s has %d lines", file, lines(parsed))
			}
			for _, d := range parsed.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && lines(f) > 60 && !strings.HasSuffix(file, "_test.go") {
					t.Errorf("%s: %s has %d lines", file, f.Name.Name, lines(f))
				}
			}
		}
	}
}
