package release

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"golang.org/x/mod/semver"
)

// TestPinnedMcpauthIsReleased reads the version of mcpauth that rendered projects fetch. When a tag is tested, which is
// before it is released, that version must be out, or be the tag.
func TestPinnedMcpauthIsReleased(t *testing.T) {
	t.Parallel()
	tag := ""
	if os.Getenv("GITHUB_REF_TYPE") == "tag" {
		tag = os.Getenv("GITHUB_REF_NAME")
	}
	files, err := filepath.Glob(filepath.Join(root, "templates", "*", "files", "Makefile.tmpl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("found no Makefile: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(regexp.QuoteMeta(module)+`/cmd/mcpauth@([^\s)]+)`).FindAllSubmatch(content, -1)
		if len(found) != 1 {
			t.Errorf("%s names mcpauth %d times, want once", file, len(found))
			continue
		}
		version := string(found[0][1])
		if !semver.IsValid(version) || semver.Canonical(version) != version || semver.Prerelease(version) != "" {
			t.Errorf("%s: %q is not a released version", file, version)
		}
		if tag != "" && semver.Compare(version, tag) > 0 {
			t.Errorf("%s: %s is not out when %s is", file, version, tag)
		}
	}
}
