package generator_test

import (
	"bytes"
	"go/format"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/plan"
)

func addition(t *testing.T, w gopatch.Wrapper) plan.Plan {
	t.Helper()
	a := generator.Addition{Module: "example.com/m", Name: "my \"api\"", Scopes: []string{"a:b", "c"}, Endpoint: gopatch.Endpoint{Path: "/mcp"}}
	p, err := generator.Retrofit(a, gopatch.Patch{Wrappers: []gopatch.Wrapper{w}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAdditionIsFormatted wants every new file as gofmt has it, whatever the names in it are.
func TestAdditionIsFormatted(t *testing.T) {
	t.Parallel()
	for _, w := range []gopatch.Wrapper{
		{Path: "mcpauth_main.go", Package: "main", Kind: gopatch.WrapHandler, Func: "withMCP"},
		{Path: "web/mcpauth_a.go", Package: "web", Kind: gopatch.WrapHandler, Func: "withMCP2", Constraint: "//go:build unix && !x", HTTP: "nethttp", Glue: "mcpglue"},
	} {
		for _, op := range addition(t, w).Ops {
			if formatted, err := format.Source(op.Content); err != nil || !bytes.Equal(formatted, op.Content) {
				t.Errorf("%s is not formatted: %v\n%s", op.Path, err, op.Content)
			}
		}
	}
}

// TestAdditionIsWhatInitRenders compares the files that decide who gets in with those of a new project.
func TestAdditionIsWhatInitRenders(t *testing.T) {
	t.Parallel()
	created, err := generator.Create("go", dev(t))
	if err != nil {
		t.Fatal(err)
	}
	fresh := files(created)
	compared := 0
	for name, content := range files(addition(t, gopatch.Wrapper{Path: "mcpauth_main.go", Package: "main", Kind: gopatch.WrapHandler, Func: "withMCP"})) {
		own, ok := strings.CutPrefix(name, "internal/mcpauth/")
		if !ok || !strings.HasPrefix(own, "internal/") || own == "internal/tools/tools.go" { // the scopes are the project's
			continue
		}
		compared++
		want := bytes.ReplaceAll(fresh[own], []byte(`"example.com/my-server/`), []byte(`"example.com/m/internal/mcpauth/`))
		if len(want) == 0 || !bytes.Equal(content, want) {
			t.Errorf("%s differs from %s of a new project", name, own)
		}
	}
	if compared < 15 {
		t.Errorf("compared %d files, want fifteen at least", compared)
	}
}
