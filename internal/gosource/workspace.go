package gosource

import (
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// workspace returns the go.work that the go command takes for the module at dir; "" where it takes none, or one that
// does not use the module.
func workspace(dir string) string {
	name := os.Getenv("GOWORK")
	if name == "" {
		name = above(dir, "go.work")
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return "" // GOWORK=off, too
	}
	work, err := modfile.ParseWork(name, content, nil)
	if err != nil {
		return ""
	}
	for _, use := range work.Use {
		path := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(name), path)
		}
		if same(path, dir) {
			return name
		}
	}
	return ""
}

// above returns the file of that name in dir or in the nearest directory above it; "" if there is none.
func above(dir, name string) string {
	for {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

func same(a, b string) bool {
	left, err := os.Stat(a)
	if err != nil {
		return false
	}
	right, err := os.Stat(b)
	return err == nil && os.SameFile(left, right)
}
