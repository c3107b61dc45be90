package mutants_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/project"
)

// TestMutantsOfOtherStacks breaks a rendered server of each stack that has a folder in testdata/mutants, and wants the check of the
// requirement to find it. That the server as it was rendered passes is another test's matter.
func TestMutantsOfOtherStacks(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(filepath.FromSlash(mutantsDir))
	if err != nil {
		t.Fatal(err)
	}
	folders := slices.DeleteFunc(entries, func(e os.DirEntry) bool { return !e.IsDir() })
	if len(folders) < 2 {
		t.Fatalf("%d stacks have mutants, want two at least", len(folders))
	}
	keys := authserver.NewPool()
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			_, all := mutationsIn(t, filepath.Join(mutantsDir, folder.Name()))
			if len(all) < 10 {
				t.Errorf("%d mutants, want ten at least", len(all))
			}
			original := twoScopes(t, folder.Name())
			for _, m := range all {
				t.Run(m.name, func(t *testing.T) { m.isFound(t, original, keys) })
			}
		})
	}
}

// twoScopes returns the golden project of the stack whose tool whoami needs more than one scope.
func twoScopes(t *testing.T, stack string) project.Project {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(filepath.FromSlash("../../../testdata/golden"), stack, "*", "want"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		p, err := project.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(p.Config.Scopes, []string{"notes:read", "notes:write"}) {
			return p
		}
	}
	t.Fatalf("none of %d golden projects of the stack %s has two scopes", len(dirs), stack)
	return project.Project{}
}

// isFound breaks a copy of the project, starts its server, and checks the one requirement.
func (m mutation) isFound(t *testing.T, p project.Project, keys *authserver.Pool) {
	t.Parallel()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(p.Dir)); err != nil {
		t.Fatal(err)
	}
	changed, err := m.apply(copied)
	if err != nil {
		t.Fatal(err) // the templates changed: the mutants are to follow
	}
	for file, content := range changed {
		if err := os.WriteFile(filepath.Join(copied, filepath.FromSlash(file)), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.Dir = copied
	target := start(t, p, keys)
	checks := slices.DeleteFunc(contract.Checks(), func(c contract.Check) bool { return c.ID != m.requirement() })
	report := contract.RunChecks(t.Context(), target, checks, nil)
	if len(report.Results) != 1 || report.Results[0].Status != contract.Fail {
		t.Fatalf("%s is not found:\n%s", m.requirement(), report.Text())
	}
	if !slices.ContainsFunc(report.Results[0].Failures, m.isFoundBy) {
		t.Errorf("no failure says %q:\n%s", m.finds, report.Results[0].Text())
	}
}

// start builds the server of a project and starts it.
func start(t *testing.T, p project.Project, keys *authserver.Pool) contract.Target {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	silent := func(string) func() { return func() {} }
	w, err := check.Workshop{Stack: p.Stack, Dir: p.Dir, Scratch: t.TempDir()}.Keep(t.Context(), cache, silent)
	if err == nil {
		err = w.Build(t.Context(), p.Stack.Build, silent)
	}
	if errors.Is(err, check.ErrNoTool) && os.Getenv("CI") == "" {
		t.Skipf("the stack %s cannot be run here, install %s: %v", p.Stack.Name, p.Stack.Needs, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	server, err := w.Server(p.Config)
	if err != nil {
		t.Fatal(err)
	}
	server.Authorization = authserver.Options{Pool: keys}
	target, err := server.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	check.NameTools(&target, p.Stack, p.Config.Scopes)
	return target
}
