package templates_test

import (
	"cmp"
	"io/fs"
	"path"
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
		named := checkSources(t, stack, stack.Files)
		for _, v := range stack.Variants {
			named = append(named, checkSources(t, stack, v.Files)...)
		}
		err = fs.WalkDir(stack.Tree(), ".", func(file string, entry fs.DirEntry, err error) error {
			folder, _, _ := strings.Cut(file, "/")
			ofProject := folder == "files" || folder == "variants"
			if err == nil && !entry.IsDir() && ofProject && !slices.Contains(named, strings.TrimSuffix(file, ".tmpl")) {
				t.Errorf("%s: %s is there but not in stack.yaml", name, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// checkSources wants a source and a reason for each file, and returns where the sources are in the stack's folder, as far as they are.
func checkSources(t *testing.T, stack templates.Stack, files []templates.File) []string {
	t.Helper()
	var sources []string
	for _, f := range files {
		if _, _, err := stack.Source(f); err != nil {
			t.Errorf("%s: %s: %v", stack.Name, f.Path, err)
		}
		if f.Reason == "" {
			t.Errorf("%s: %s has no reason", stack.Name, f.Path)
		}
		sources = append(sources, path.Join("files", cmp.Or(f.From, f.Path)))
	}
	return sources
}

// TestVariants wants each variant to be of an answer, and files of it alone: two of them may come together.
func TestVariants(t *testing.T) {
	for _, name := range templates.Names() {
		stack, err := templates.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, v := range stack.Variants {
			if len(v.Files) == 0 || stack.Lacking(v.For) != "" {
				t.Errorf("%s: the variant for %s has %d files, and is lacking: %q", name, v.For, len(v.Files), stack.Lacking(v.For))
			}
			for _, f := range v.Files {
				paths = append(paths, f.Path)
			}
		}
		if slices.Sort(paths); len(slices.Compact(paths)) != len(paths) {
			t.Errorf("%s: two variants have the same file: %q", name, paths)
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
