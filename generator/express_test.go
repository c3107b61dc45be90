package generator_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/templates"
)

// TestExpressAdditionIsWhatInitRenders compares what an existing program gets with the files of a new project, and the versions that
// it asks for with theirs.
func TestExpressAdditionIsWhatInitRenders(t *testing.T) {
	t.Parallel()
	created, err := generator.Create("express", dev(t))
	if err != nil {
		t.Fatal(err)
	}
	stack, err := templates.Load("express")
	if err != nil {
		t.Fatal(err)
	}
	added, err := generator.RetrofitScript(stack, "app", []string{"a:b"}, script.Patch{
		Folder: "src/mcpauth", Path: "/mcp", Traits: []string{"typescript", "plain-settings"},
	})
	if err != nil {
		t.Fatal(err)
	}
	fresh, compared := files(created), 0
	for name, content := range files(added) {
		own := strings.Replace(name, "src/mcpauth/", "src/", 1)
		if fresh[own] == nil || own == "src/tools/tools.ts" { // whose scopes are the program's
			continue
		}
		compared++
		if !bytes.Equal(content, fresh[own]) {
			t.Errorf("%s differs from %s of a new project", name, own)
		}
	}
	if compared < 14 {
		t.Errorf("compared %d files, want fourteen at least", compared)
	}
	for _, r := range stack.Requires {
		asked := regexp.MustCompile(`"` + regexp.QuoteMeta(r.Name) + `": "` + regexp.QuoteMeta(r.Version) + `"`)
		if r.Name != "express" && !asked.Match(fresh["package.json"]) { // an existing program may have the one before
			t.Errorf("a new project does not ask for %s %s", r.Name, r.Version)
		}
	}
}
