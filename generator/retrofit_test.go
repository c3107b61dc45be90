package generator_test

import (
	"bytes"
	"go/format"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/plan"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

func addition(t *testing.T, w gopatch.Wrapper) plan.Plan { return additionFor(t, "1.25.0", w) }

// additionFor is what a module gets with the SDK for that go line.
func additionFor(t *testing.T, goLine string, w gopatch.Wrapper) plan.Plan {
	t.Helper()
	a := generator.Addition{Module: "example.com/m", Name: "my \"api\"", Scopes: []string{"a:b", "c"}, Endpoint: gopatch.Endpoint{Path: "/mcp"}, Go: goLine}
	p, err := generator.Retrofit(a, gopatch.Patch{Wrappers: []gopatch.Wrapper{w}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	handler = gopatch.Import{Path: "net/http", Name: "http"}
	glue    = gopatch.Import{Path: "example.com/m/internal/mcpauth", Name: "mcpauth"}
)

// TestAdditionIsFormatted wants every new file as gofmt has it, whatever the names in it are.
func TestAdditionIsFormatted(t *testing.T) {
	t.Parallel()
	for _, w := range []gopatch.Wrapper{
		{Path: "mcpauth_main.go", Package: "main", Kind: gopatch.WrapHandler, Func: "withMCP", Served: handler, Glue: glue},
		{Path: "web/mcpauth_a.go", Package: "web", Kind: gopatch.WrapHandler, Func: "withMCP2", Constraint: "//go:build unix && !x", Served: gopatch.Import{Path: "net/http", Name: "nethttp", Alias: true}, Glue: gopatch.Import{Path: "example.com/m/internal/mcpauth", Name: "mcpglue", Alias: true}},
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
	for name, content := range files(addition(t, gopatch.Wrapper{Path: "mcpauth_main.go", Package: "main", Kind: gopatch.WrapHandler, Func: "withMCP", Served: handler, Glue: glue})) {
		own, ok := strings.CutPrefix(name, "internal/mcpauth/")
		if !ok || !strings.HasPrefix(own, "internal/") || slices.Contains([]string{"internal/tools/tools.go", "internal/config/embedded.go"}, own) { // the scopes are the project's
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

// TestNewestReleaseIsWhatInitRenders compares the newest release with go.mod of a new project.
func TestNewestReleaseIsWhatInitRenders(t *testing.T) {
	t.Parallel()
	created, err := generator.Create("go", dev(t))
	if err != nil {
		t.Fatal(err)
	}
	goMod, err := modfile.Parse("go.mod", files(created)["go.mod"], nil)
	if err != nil {
		t.Fatal(err)
	}
	releases, err := generator.Releases([]string{"added", "handles"})
	if err != nil {
		t.Fatal(err)
	}
	newest := releases[0]
	if newest.Go != goMod.Go.Version || newest.Lacks != "" {
		t.Errorf("go %s lacks %q, want go %s and nothing", newest.Go, newest.Lacks, goMod.Go.Version)
	}
	var direct []module.Version
	for _, r := range goMod.Require {
		if !r.Indirect {
			direct = append(direct, r.Mod)
		}
	}
	if !slices.Equal(direct, newest.Require) {
		t.Errorf("requires %v, want %v", newest.Require, direct)
	}
}

// TestOlderReleasesDifferInTheProtocol wants every file but the one package to be that of the newest release.
func TestOlderReleasesDifferInTheProtocol(t *testing.T) {
	t.Parallel()
	w := gopatch.Wrapper{Path: "mcpauth_main.go", Package: "main", Func: "withMCP"}
	newest := files(addition(t, w))
	for _, goLine := range []string{"1.24.0", "1.23.0"} {
		var differ []string
		older := files(additionFor(t, goLine, w))
		for name, content := range older {
			if formatted, err := format.Source(content); err != nil || !bytes.Equal(formatted, content) {
				t.Errorf("go %s: %s is not formatted: %v", goLine, name, err)
			}
			if !bytes.Equal(content, newest[name]) {
				differ = append(differ, name)
			}
		}
		slices.Sort(differ)
		want := []string{"internal/mcpauth/internal/protocol/body.go", "internal/mcpauth/internal/protocol/protocol.go"}
		if !slices.Equal(differ, want) || len(older) != len(newest)+1 {
			t.Errorf("go %s: %d files, not as with the newest: %q", goLine, len(older), differ)
		}
	}
}
