package release

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A workflow is the part of a GitHub workflow that these tests are about.
type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	Concurrency struct {
		Group string `yaml:"group"`
	} `yaml:"concurrency"`
	Jobs map[string]job `yaml:"jobs"`
}

type job struct {
	Uses        string            `yaml:"uses"`
	Permissions map[string]string `yaml:"permissions"`
	Timeout     int               `yaml:"timeout-minutes"`
	Steps       []step            `yaml:"steps"`
}

type step struct {
	Uses string         `yaml:"uses"`
	Run  string         `yaml:"run"`
	With map[string]any `yaml:"with"`
}

func readWorkflows(t *testing.T) map[string]workflow {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]workflow{}
	for _, path := range paths {
		var w workflow
		name := filepath.Base(path)
		if err := yaml.Unmarshal(read(t, ".github/workflows/"+name), &w); err != nil {
			t.Fatalf("parsing %s: %v", name, err)
		}
		found[name] = w
	}
	if want, got := []string{"ci.yml", "release.yml"}, slices.Sorted(maps.Keys(found)); !slices.Equal(got, want) {
		t.Fatalf("workflows = %q, want %q", got, want)
	}
	return found
}

func TestOnlyTheReleaseJobMayWrite(t *testing.T) {
	t.Parallel()
	for name, w := range readWorkflows(t) {
		if want := map[string]string{"contents": "read"}; !maps.Equal(w.Permissions, want) {
			t.Errorf("%s: permissions = %v, want %v", name, w.Permissions, want)
		}
		for id, j := range w.Jobs {
			var want map[string]string
			if name == "release.yml" && id == "release" {
				want = map[string]string{"contents": "write"}
			}
			if !maps.Equal(j.Permissions, want) {
				t.Errorf("%s: %s: permissions = %v, want %v", name, id, j.Permissions, want)
			}
		}
	}
}

func TestEveryJobIsBounded(t *testing.T) {
	t.Parallel()
	for name, w := range readWorkflows(t) {
		if w.Concurrency.Group == "" {
			t.Errorf("%s: no concurrency group", name)
		}
		for id, j := range w.Jobs {
			if j.Uses == "" && j.Timeout == 0 {
				t.Errorf("%s: %s: no timeout-minutes", name, id)
			}
		}
	}
}

func TestCheckoutKeepsNoToken(t *testing.T) {
	t.Parallel()
	for name, w := range readWorkflows(t) {
		for id, j := range w.Jobs {
			for _, s := range j.Steps {
				if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != false {
					t.Errorf("%s: %s: checkout without persist-credentials: false", name, id)
				}
			}
		}
	}
}

// A tag can be moved to other code, a commit can not; the comment says which version it is.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	uses := regexp.MustCompile(`(?m)uses: (.*)$`)
	pinned := regexp.MustCompile(`^actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for name := range readWorkflows(t) {
		found := uses.FindAllStringSubmatch(string(read(t, ".github/workflows/"+name)), -1)
		if len(found) == 0 {
			t.Errorf("%s: no uses", name)
		}
		for _, use := range found {
			if !strings.HasPrefix(use[1], "./") && !pinned.MatchString(use[1]) {
				t.Errorf("%s: %q is not an action of GitHub's own, pinned to a commit with its version in a comment", name, use[1])
			}
		}
	}
}

func TestToolsArePinned(t *testing.T) {
	t.Parallel()
	tool := regexp.MustCompile(`[a-z.]+\.[a-z]+/[\w./-]+@(\S+)`)
	version := regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
	for _, path := range []string{".ci/run", ".github/workflows/ci.yml"} {
		found := tool.FindAllStringSubmatch(string(read(t, path)), -1)
		if len(found) == 0 {
			t.Errorf("%s: no tool with a version", path)
		}
		for _, f := range found {
			if !version.MatchString(f[1]) {
				t.Errorf("%s: %q is not a released version", path, f[0])
			}
		}
	}
}
