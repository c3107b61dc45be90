// Package mutants_test proves the checks of the contract on servers that break it: the rendered Go server with one
// small fault each, as described in testdata/mutants.
package mutants_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
)

var onlyMutants = flag.String("mutants", "", "walk only mutants whose name contains this")

// walksAtOnce is how many mutants are walked at one time: they wait more than they compute.
const walksAtOnce = 6

// fastLimits are the contract's limits for the project that base.txtar makes.
func fastLimits() contract.Limits {
	return contract.Limits{KeyFloor: 2 * time.Second, ReadHeader: 2 * time.Second, UnknownKeys: 1000}
}

// TestMutantsOfTheRenderedServer breaks the rendered server in one place at a time, and wants the one requirement
// that the mutant is named after to fail, and no other. The project as it was rendered passes everything.
func TestMutantsOfTheRenderedServer(t *testing.T) {
	t.Parallel()
	base, all := mutations(t)
	if len(all) < 25 {
		t.Fatalf("%d mutants, want 25 at least", len(all))
	}
	project, keys := rendered(t, base), authserver.NewPool()
	for _, m := range all {
		if _, err := m.apply(project); err != nil {
			t.Error(err)
		}
	}
	if t.Failed() {
		return // the templates changed: the mutants are to follow
	}
	slots := make(chan struct{}, walksAtOnce)
	var walks sync.WaitGroup
	wanted := slices.DeleteFunc(append([]mutation{{name: "control"}}, all...), func(m mutation) bool { return !strings.Contains(m.name, *onlyMutants) })
	if len(wanted) == 0 {
		t.Errorf("no mutant has %q in its name", *onlyMutants)
	}
	for _, m := range wanted {
		binary, err := m.build(t, project)
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
			continue
		}
		slots <- struct{}{}
		walks.Go(func() {
			defer func() { <-slots }()
			m.walk(t, binary, keys)
			_ = os.RemoveAll(filepath.Dir(binary)) // all of them together would fill a small disk
		})
	}
	walks.Wait()
}

// TestEveryRequirementHasAMutant wants each of C1 to C20 to be broken by a mutant.
func TestEveryRequirementHasAMutant(t *testing.T) {
	t.Parallel()
	_, all := mutations(t)
	var ids []string
	for _, c := range contract.Checks() {
		ids = append(ids, c.ID)
		if !slices.ContainsFunc(all, func(m mutation) bool { return m.requirement() == c.ID }) {
			t.Errorf("no mutant breaks %s", c.ID)
		}
	}
	for _, m := range all {
		if !slices.Contains(ids, m.requirement()) || m.finds == "" {
			t.Errorf("%s names no requirement, or not what its failure says", m.name)
		}
	}
}

// rendered copies the golden project and applies base to it.
func rendered(t *testing.T, base mutation) string {
	t.Helper()
	project := t.TempDir()
	if err := os.CopyFS(project, os.DirFS(filepath.FromSlash("../../../testdata/golden/go/scopes/want"))); err != nil {
		t.Fatal(err)
	}
	changed, err := base.apply(project)
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range changed {
		if err := os.WriteFile(filepath.Join(project, filepath.FromSlash(file)), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return project
}

// build returns the mutant's server. The project stays as it is.
func (m mutation) build(t *testing.T, project string) (string, error) {
	t.Helper()
	scratch := t.TempDir()
	overlay, err := m.overlay(project, scratch)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(scratch, "server.exe")
	c := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-ldflags=-s -w", "-o", binary, ".")
	c.Dir = project
	c.Env = append(os.Environ(), "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building: %w\n%s", err, out)
	}
	return binary, nil
}

func (m mutation) walk(t *testing.T, binary string, keys *authserver.Pool) {
	scopes := []string{"notes:read", "notes:write"}
	server := stand.Server{
		Path: binary, Dir: t.TempDir(), Env: run.Environment(os.Environ(), nil), // the directory is empty: no .env is read
		MCPPath: "/mcp", Scopes: scopes, Authorization: authserver.Options{Pool: keys},
	}
	target, err := server.Target(t.Context())
	if err != nil {
		t.Errorf("%s: %v", m.name, err)
		return
	}
	defer func() {
		if err := target.Close(); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}()
	target.PublicTool = &contract.Tool{Name: "greet", Arguments: map[string]any{"name": "Ada"}}
	target.ScopedTool = &contract.Tool{Name: "whoami", Scopes: scopes}
	target.Limits = fastLimits()
	began := time.Now()
	report := contract.Run(t.Context(), target, nil)
	t.Logf("%s: %s, %v", m.name, report.Summary(), time.Since(began).Round(time.Millisecond))
	if err := m.verdict(report); err != nil {
		t.Errorf("%s: %v", m.name, err)
	}
}

// verdict is nil when the requirement that the mutation breaks failed as its archive says, and all others passed.
func (m mutation) verdict(report contract.Report) error {
	var wrong []string
	for _, result := range report.Results {
		broken := result.ID == m.requirement()
		switch {
		case broken && result.Status != contract.Fail:
			wrong = append(wrong, fmt.Sprintf("%s is not found: %s", result.ID, result.Status))
		case broken && !slices.ContainsFunc(result.Failures, m.isFoundBy):
			wrong = append(wrong, fmt.Sprintf("no failure says %q:\n%s", m.finds, result.Text()))
		case !broken && result.Status != contract.Pass:
			wrong = append(wrong, result.Text())
		}
	}
	if len(wrong) > 0 || len(report.Results) != 20 {
		return fmt.Errorf("%d results\n%s", len(report.Results), strings.Join(wrong, "\n"))
	}
	return nil
}

func (m mutation) isFoundBy(f contract.Failure) bool {
	return strings.Contains(f.Request+"\n"+f.Expected+"\n"+f.Got, m.finds)
}
