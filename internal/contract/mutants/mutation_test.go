package mutants_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

const mutantsDir = "../../../testdata/mutants"

// A mutation is a small change to a rendered project, read from an archive of testdata/mutants: pairs of
// "FILE: old" and "FILE: new" below a paragraph that says what is wrong with the result.
type mutation struct {
	name  string // base of the archive: C5-issuer-prefix
	finds string // what one failure of the broken requirement says
	edits []edit
}

// An edit replaces text that occurs exactly once in a file.
type edit struct{ file, old, new string }

// requirement is the one that the mutation breaks.
func (m mutation) requirement() string {
	id, _, _ := strings.Cut(m.name, "-")
	return id
}

func readMutation(path string) (mutation, error) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return mutation{}, err
	}
	m := mutation{name: strings.TrimSuffix(filepath.Base(path), ".txtar")}
	_, finds, _ := strings.Cut(string(archive.Comment), "\nFinds: ")
	m.finds = strings.TrimSpace(finds)
	for i := 0; i+1 < len(archive.Files); i += 2 {
		before, after := archive.Files[i], archive.Files[i+1]
		file, ok := strings.CutSuffix(before.Name, ": old")
		if !ok || after.Name != file+": new" {
			return m, fmt.Errorf("%s: %q and %q are no pair of old and new", path, before.Name, after.Name)
		}
		m.edits = append(m.edits, edit{file, text(before), text(after)})
	}
	if len(m.edits) == 0 || len(archive.Files)%2 != 0 {
		return m, fmt.Errorf("%s: %d files make no pairs", path, len(archive.Files))
	}
	return m, nil
}

// text is the file without its last line break, so that it may be a part of a line.
func text(f txtar.File) string { return strings.TrimSuffix(string(f.Data), "\n") }

// apply returns the files of the project that the mutation changes, as they are after it.
func (m mutation) apply(project string) (map[string]string, error) {
	changed := map[string]string{}
	for _, e := range m.edits {
		content, ok := changed[e.file]
		if !ok {
			data, err := os.ReadFile(filepath.Join(project, filepath.FromSlash(e.file)))
			if err != nil {
				return nil, err
			}
			content = string(data)
		}
		if n := strings.Count(content, e.old); n != 1 {
			return nil, fmt.Errorf("%s: %q occurs %d times in %s, want once", m.name, e.old, n, e.file)
		}
		changed[e.file] = strings.Replace(content, e.old, e.new, 1)
	}
	return changed, nil
}

// overlay writes the changed files and an overlay for go build beside them, and returns the overlay's path.
func (m mutation) overlay(project, scratch string) (string, error) {
	changed, err := m.apply(project)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for file, content := range changed {
		written := filepath.Join(scratch, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(written, []byte(content), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(project, filepath.FromSlash(file))] = written
	}
	encoded, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(scratch, "overlay.json")
	return path, os.WriteFile(path, encoded, 0o600)
}

// mutations reads those of the Go server.
func mutations(t *testing.T) (base mutation, all []mutation) {
	t.Helper()
	return mutationsIn(t, filepath.FromSlash(mutantsDir))
}

// mutationsIn reads every archive of a folder but the base, which it returns first.
func mutationsIn(t *testing.T, folder string) (base mutation, all []mutation) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		m, err := readMutation(path)
		if err != nil {
			t.Fatal(err)
		}
		if m.name == "base" {
			base = m
		} else {
			all = append(all, m)
		}
	}
	return base, all
}
