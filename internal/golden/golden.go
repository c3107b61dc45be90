// Package golden compares trees of files with the ones that are committed as right. It is used by tests only.
package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// A File is what of a file is compared. Git keeps no permission but that to execute, so modes are the tests' own matter.
type File = []byte

// Tree reads every file below dir, by slash-separated path. A directory without files is an error: a case that is empty proves nothing.
func Tree(dir string) (map[string]File, error) {
	tree := make(map[string]File)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		tree[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err == nil && len(tree) == 0 {
		err = fmt.Errorf("%s holds no files", dir)
	}
	return tree, err
}

// Compare reports files that are missing from got, that got has besides, and that differ, with the first line that does.
func Compare(got, want map[string]File) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[name]; !ok {
			errs = append(errs, fmt.Errorf("%s: missing", name))
		} else if !bytes.Equal(got[name], want[name]) {
			errs = append(errs, fmt.Errorf("%s: %s", name, firstDifference(got[name], want[name])))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			errs = append(errs, fmt.Errorf("%s: unexpected", name))
		}
	}
	return errors.Join(errs...)
}

func firstDifference(got, want []byte) string {
	g, w := bytes.SplitAfter(got, []byte("\n")), bytes.SplitAfter(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return fmt.Sprintf("line %d is %q, want %q", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// Update makes dir hold exactly the files of got. It refuses to in CI, where a wrong result must not become the right one.
func Update(dir string, got map[string]File, getenv func(string) string) error {
	if getenv("CI") != "" {
		return errors.New("golden files are not updated in CI: update them where you can look at the difference")
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for name, data := range got {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
