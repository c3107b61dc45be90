// Package internal_test holds the tests of how the packages of this repository fit together.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/mcpauth/mcpauth"

// layers are the packages of this module by height: a package imports only lower ones.
var layers = [][]string{
	{"cmd/mcpauth"},
	{"cmd"},
	{"internal/trial"},
	{"internal/survey", "internal/dev", "generator", "internal/prompt", "internal/check", "internal/apply", "internal/project", "internal/textdiff", "internal/worktree"},
	{"generator/gopatch", "generator/pypatch", "generator/tspatch", "internal/undo", "internal/report"},
	{"generator/script", "internal/contract/stand", "internal/contract/remote", "internal/gosource"},
	{"generator/render", "templates", "internal/contract", "internal/authserver", "internal/run", "internal/config", "internal/iostreams", "internal/plan", "internal/buildinfo", "internal/replay"},
	{"internal/authserver/oauth", "internal/authserver/control", "internal/edit", "internal/refusal"},
}

// reserved are packages that only the named ones may import.
var reserved = map[string][]string{
	"github.com/spf13/cobra":                     {"cmd"},
	"github.com/AlecAivazis/survey/v2":           {"internal/prompt"},
	"github.com/AlecAivazis/survey/v2/terminal":  {"internal/prompt"},
	"github.com/Masterminds/sprig/v3":            {},
	"os/exec":                                    {"internal/run", "internal/check", "internal/worktree"},
	"github.com/modelcontextprotocol/go-sdk/mcp": {},
	"golang.org/x/oauth2":                        {},
	"golang.org/x/tools/go/packages":             {"internal/gosource", "generator/gopatch"},
}

// TestImports parses the imports of every file that is not a test.
func TestImports(t *testing.T) {
	files := sources(t)
	if len(files) < 50 {
		t.Fatalf("%d files, which cannot be all", len(files))
	}
	for _, file := range files {
		pkg := filepath.ToSlash(filepath.Dir(file))
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if users, ok := reserved[path]; ok && !slices.Contains(users, pkg) {
				t.Errorf("%s imports %s, which only %v may", file, path, users)
			}
			if own, ok := strings.CutPrefix(path, module+"/"); ok && height(t, own) <= height(t, pkg) {
				t.Errorf("%s imports %s, which is not below it", file, own)
			}
		}
	}
}

// TestOnlyMainEndsTheProcess wants no package to print, end the process or change directory behind its caller's back.
func TestOnlyMainEndsTheProcess(t *testing.T) {
	banned := []string{"os.Exit", "os.Chdir", "fmt.Print", "fmt.Printf", "fmt.Println", "log.Fatal", "log.Fatalf", "os.Stdout", "os.Stderr"}
	for _, file := range sources(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			allowed := file == filepath.FromSlash("cmd/mcpauth/main.go") || file == filepath.FromSlash("internal/iostreams/iostreams.go")
			if ok && slices.Contains(banned, pkg.Name+"."+sel.Sel.Name) && !allowed {
				t.Errorf("%s uses %s.%s", file, pkg.Name, sel.Sel.Name)
			}
			return true
		})
	}
}

func height(t *testing.T, pkg string) int {
	t.Helper()
	for i, layer := range layers {
		if slices.Contains(layer, pkg) {
			return i
		}
	}
	t.Fatalf("package %s is in no layer", pkg)
	return 0
}

// sources returns the Go files of the module that are built, relative to its root.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", path)
		name := entry.Name()
		testOnly := name == "testdata" || name == "golden" || name == "prompttest" || name == "runtest" || strings.HasPrefix(name, ".") && rel != "."
		switch {
		case err != nil:
			return err
		case entry.IsDir() && testOnly:
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			files = append(files, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
