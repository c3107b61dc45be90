// Package gosource loads the packages of a Go module that one of its programs is made of, with types and bytes.
// It runs the go command, writes nothing, and takes no notice of go.work.
package gosource

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A Module is the part of a module that belongs to one program.
type Module struct {
	Dir       string // absolute
	Path      string
	GoVersion string // of its go line, for example 1.25.0
	Vendored  bool
	Files     *token.FileSet
	Program   *packages.Package   // the one that was asked for
	Packages  []*packages.Package // of this module, the program included, sorted by path
	Sources   map[string][]byte   // by the name that positions have
}

// A BuildError says that the code does not build as it is, with the first thing that the compiler or the go command said.
type BuildError struct{ Text string }

func (e BuildError) Error() string { return "the code does not build as it is: " + e.Text }

// ErrNoModule says that a directory belongs to no module.
var ErrNoModule = errors.New("there is no package of a Go module")

const (
	names = packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedModule | packages.NeedFiles
	typed = packages.LoadSyntax | packages.NeedModule
)

// Load loads the package in dir and those of its module that it imports, directly or not.
func Load(ctx context.Context, dir string) (*Module, error) {
	config := &packages.Config{Context: ctx, Mode: names, Dir: dir, Env: append(os.Environ(), "GOWORK=off")}
	found, err := packages.Load(config, ".")
	if err != nil && strings.Contains(err.Error(), "requires go >= ") {
		_, said, _ := strings.Cut(err.Error(), "stderr: ")
		return nil, BuildError{strings.TrimSpace(said)}
	}
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", dir, err)
	}
	if len(found) != 1 || found[0].Module == nil {
		return nil, missing(dir, found)
	}
	module := found[0].Module
	paths := closure(found[0])
	config.Mode, config.Fset, config.Dir = typed, token.NewFileSet(), module.Dir
	loaded, err := packages.Load(config, paths...)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", dir, err)
	}
	m := &Module{Dir: module.Dir, Path: module.Path, GoVersion: module.GoVersion, Files: config.Fset, Packages: loaded}
	_, err = os.Stat(filepath.Join(m.Dir, "vendor", "modules.txt"))
	m.Vendored = err == nil
	for _, p := range loaded {
		if p.PkgPath == found[0].PkgPath {
			m.Program = p
		}
	}
	return m, m.read()
}

func missing(dir string, found []*packages.Package) error {
	for _, p := range found {
		for _, e := range p.Errors {
			if p.Module != nil || strings.Contains(e.Msg, "requires go >= ") {
				return BuildError{e.Error()}
			}
		}
	}
	return fmt.Errorf("loading %s: %w", dir, ErrNoModule)
}

// closure returns the paths of the package and of those of its module that it imports, sorted.
func closure(program *packages.Package) []string {
	seen := make(map[string]bool)
	var visit func(*packages.Package)
	visit = func(p *packages.Package) {
		if seen[p.PkgPath] || p.Module == nil || p.Module.Path != program.Module.Path {
			return
		}
		seen[p.PkgPath] = true
		for _, imported := range p.Imports {
			visit(imported)
		}
	}
	visit(program)
	var paths []string
	for path := range seen {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// read reads the files, and reports the first error of the packages.
func (m *Module) read() error {
	m.Sources = make(map[string][]byte)
	for _, p := range m.Packages {
		if len(p.Errors) > 0 {
			return m.buildError(p.Errors)
		}
		for _, file := range p.Syntax {
			name := m.Files.Position(file.FileStart).Filename
			source, err := os.ReadFile(name)
			if err != nil {
				return fmt.Errorf("loading %s: %w", p.PkgPath, err)
			}
			m.Sources[name] = source
		}
	}
	return nil
}

// buildError shows the first error that has a position, which the go command's own have not.
func (m *Module) buildError(found []packages.Error) error {
	first := found[0]
	for _, e := range found {
		if e.Kind == packages.TypeError || e.Kind == packages.ParseError {
			first = e
			break
		}
	}
	return BuildError{strings.ReplaceAll(first.Error(), m.Dir+string(filepath.Separator), "")}
}

// Rel returns the slash-separated name of a file, relative to the module; "" for one outside of it.
func (m *Module) Rel(name string) string {
	rel, err := filepath.Rel(m.Dir, name)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// Position returns where pos is, as people write it: file:line, relative to the module.
func (m *Module) Position(pos token.Pos) string {
	p := m.Files.PositionFor(pos, false)
	name := m.Rel(p.Filename)
	if name == "" {
		name = p.Filename
	}
	return fmt.Sprintf("%s:%d", name, p.Line)
}

// Text returns the source between two positions of one file.
func (m *Module) Text(n ast.Node) string {
	start, end := m.Offset(n.Pos()), m.Offset(n.End())
	source := m.Sources[m.Files.PositionFor(n.Pos(), false).Filename]
	if start < 0 || end > len(source) || end < start {
		return ""
	}
	return string(source[start:end])
}

// Offset returns how many bytes of its file are before pos, a byte order mark included.
func (m *Module) Offset(pos token.Pos) int { return m.Files.PositionFor(pos, false).Offset }
