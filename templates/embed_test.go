package templates_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/templates"
)

// TestStackNamesEveryFile compares stack.yaml with the files that are there, both ways.
func TestStackNamesEveryFile(t *testing.T) {
	names := templates.Names()
	if len(names) == 0 {
		t.Fatal("no stack")
	}
	for _, name := range names {
		stack, err := templates.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		for _, f := range stack.Files {
			if _, _, err := stack.Source(f); err != nil {
				t.Errorf("%s: %s: %v", name, f.Path, err)
			}
			if f.Reason == "" {
				t.Errorf("%s: %s has no reason", name, f.Path)
			}
			named = append(named, f.Path)
		}
		err = fs.WalkDir(stack.Tree(), ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && !slices.Contains(named, strings.TrimSuffix(path, ".tmpl")) {
				t.Errorf("%s: %s is in files/ but not in stack.yaml", name, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnknownStack(t *testing.T) {
	if _, err := templates.Load("../templates"); err == nil || !strings.Contains(err.Error(), "use one of "+strings.Join(templates.Names(), ", ")) {
		t.Errorf("got %v", err)
	}
}

// TestStackSaysHowItIsRun wants everything that other packages take from the manifest.
func TestStackSaysHowItIsRun(t *testing.T) {
	for _, name := range templates.Names() {
		stack, err := templates.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if stack.Language == "" || stack.Needs == "" || stack.ByHand.Test == "" || stack.ByHand.Run == "" || len(stack.Watch) == 0 {
			t.Errorf("%s: language, needs, by_hand or watch is missing: %+v", name, stack)
		}
		if len(stack.Build) == 0 || len(stack.Prove) == 0 || len(stack.Start) == 0 {
			t.Errorf("%s: build, prove or start is missing: %+v", name, stack)
		}
		scoped := func(wanted bool) bool {
			return slices.ContainsFunc(stack.Tools, func(tool templates.Tool) bool { return tool.Scoped == wanted })
		}
		if !scoped(true) || !scoped(false) {
			t.Errorf("%s: tools %+v, want one with scopes and one without", name, stack.Tools)
		}
	}
}
