package survey

import (
	"cmp"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Program is a package main in a folder of modules. Its paths are slash-separated and relative to the folder.
type Program struct {
	Dir    string // of the package
	Module string // of its go.mod
	Server string // FILE:LINE to patch, relative to the module; empty to let the command choose
}

// checkout returns what has to be copied for the program to build: modules below one entry of the folder may need
// each other.
func (p Program) checkout() string {
	first, _, _ := strings.Cut(p.Module, "/")
	return first
}

// pkg returns the package as people name it in its module.
func (p Program) pkg() string {
	if p.Dir == p.Module {
		return "."
	}
	return "./" + strings.TrimPrefix(p.Dir, strings.TrimSuffix(p.Module, ".")+"/")
}

// Programs returns every program below dir that builds on this system, sorted by path.
func Programs(dir string) ([]Program, error) {
	var found []Program
	var modules []string // those that contain the directory which is looked at, the innermost last
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if skipped(name) {
			return fs.SkipDir
		}
		modules = slices.DeleteFunc(modules, func(m string) bool { return !within(m, name) })
		if _, err := os.Stat(filepath.Join(dir, name, "go.mod")); err == nil {
			modules = append(modules, name)
		}
		if len(modules) > 0 && isMain(filepath.Join(dir, name)) {
			found = append(found, Program{Dir: name, Module: modules[len(modules)-1]})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for programs in %s: %w", dir, err)
	}
	slices.SortFunc(found, func(a, b Program) int { return cmp.Compare(a.Dir, b.Dir) })
	return found, nil
}

// skipped says whether the go command leaves a directory out of ./...
func skipped(name string) bool {
	base := path.Base(name)
	return base == "vendor" || base == "testdata" || name != "." && (base[0] == '.' || base[0] == '_')
}

func within(dir, name string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}

func isMain(dir string) bool {
	p, err := build.ImportDir(dir, 0)
	return err == nil && p.IsCommand()
}

// Listed returns the programs that a list names: a line for each, its directory and after a tab, where that is not for
// the command to choose, FILE:LINE of its server.
func Listed(programs []Program, list string) ([]Program, error) {
	var chosen []Program
	for line := range strings.Lines(list) {
		dir, server, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		if dir == "" {
			continue
		}
		at := slices.IndexFunc(programs, func(p Program) bool { return p.Dir == path.Clean(dir) })
		if at < 0 {
			return nil, fmt.Errorf("reading the list of programs: %s holds none", dir)
		}
		p := programs[at]
		p.Server = server
		chosen = append(chosen, p)
	}
	return chosen, nil
}
