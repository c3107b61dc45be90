// Package gosource loads the packages of a Go module that one of its programs is made of, with types and bytes.
// It runs the go command and changes nothing.
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
	Workspace string // the go.work that the module is used in; empty if there is none
	Alone     bool   // the module builds without its workspace
	Files     *token.FileSet
	Program   *packages.Package   // the one that was asked for
	Packages  []*packages.Package // of this module, the program included, imported ones first
	Sources   map[string][]byte   // by the name that positions have
	Hidden    map[string][]byte   // Go files of the packages that this build leaves out, by absolute name
}

const (
	names = packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedModule | packages.NeedFiles
	typed = packages.LoadSyntax | packages.NeedModule
)

// Load loads the package in dir and those of its module that it imports, directly or not. It leaves the module's
// workspace out, unless the module does not build without.
func Load(ctx context.Context, dir string) (*Module, error) {
	m, err := load(ctx, dir, "off")
	root, rootErr := filepath.Abs(dir)
	if mod := above(root, "go.mod"); rootErr == nil && mod != "" {
		root = filepath.Dir(mod)
	}
	work := workspace(root)
	if _, broken := errors.AsType[BuildError](err); broken && work != "" {
		m, err = load(ctx, dir, work)
	} else if m != nil {
		m.Alone = true
	}
	if err != nil {
		return nil, err
	}
	m.Workspace = work
	return m, nil
}

// load is Load with that workspace, which may be off.
func load(ctx context.Context, dir, work string) (*Module, error) {
	if m := quick(ctx, dir, work); m != nil {
		return m, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("loading %s: %w", dir, err)
	}
	return thorough(ctx, dir, work)
}

// thorough asks the go command which packages the program is made of, and then for these.
func thorough(ctx context.Context, dir, work string) (*Module, error) {
	config := &packages.Config{Context: ctx, Mode: names, Dir: dir, Env: append(os.Environ(), "GOWORK="+work)}
	found, err := packages.Load(config, ".")
	if err != nil && tooOld(err.Error()) {
		_, said, _ := strings.Cut(err.Error(), "stderr: ")
		return nil, VersionError{strings.TrimPrefix(strings.TrimSpace(said), "go: ")}
	}
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", dir, err)
	}
	if len(found) != 1 || found[0].Module == nil {
		return nil, missing(dir, found)
	}
	if err := unresolved(found); err != nil {
		return nil, err
	}
	module := found[0].Module
	paths := closure(found[0])
	config.Mode, config.Fset, config.Dir = typed, token.NewFileSet(), module.Dir
	loaded, err := compile(config, paths)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", dir, err)
	}
	return newModule(config.Fset, found[0].PkgPath, loaded)
}

// newModule reads packages of one module.
func newModule(files *token.FileSet, program string, loaded []*packages.Package) (*Module, error) {
	module := loaded[0].Module
	m := &Module{Dir: module.Dir, Path: module.Path, GoVersion: module.GoVersion, Files: files, Packages: loaded}
	_, err := os.Stat(filepath.Join(m.Dir, "vendor", "modules.txt"))
	m.Vendored = err == nil
	for _, p := range loaded {
		if p.PkgPath == program {
			m.Program = p
		}
	}
	return m, m.read()
}

// Programs returns the directories of the programs in the module at dir, as arguments of the go command: ./cmd/api.
func Programs(ctx context.Context, dir string) ([]string, error) {
	config := &packages.Config{Context: ctx, Mode: packages.NeedName | packages.NeedFiles, Dir: dir, Env: append(os.Environ(), "GOWORK=off")}
	found, err := packages.Load(config, "./...")
	if err != nil {
		return nil, fmt.Errorf("looking for programs in %s: %w", dir, err)
	}
	var programs []string
	for _, p := range found {
		if p.Name != "main" || len(p.GoFiles) == 0 {
			continue
		}
		if rel, err := filepath.Rel(dir, filepath.Dir(p.GoFiles[0])); err == nil && filepath.IsLocal(rel) {
			programs = append(programs, "./"+filepath.ToSlash(rel))
		}
	}
	return programs, nil
}

// compile loads packages with types, for which the go command compiles what they import. When it is interrupted it does not
// always clear up: its temporary files are in a directory that is removed here.
func compile(config *packages.Config, paths []string) (loaded []*packages.Package, err error) {
	scratch, err := os.MkdirTemp("", "mcpauth-load-")
	if err != nil {
		return nil, fmt.Errorf("making a directory for the go command: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	config.Env = append(config.Env, "GOTMPDIR="+scratch)
	return packages.Load(config, paths...)
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
	m.Sources, m.Hidden = make(map[string][]byte), make(map[string][]byte)
	for _, p := range m.Packages {
		if len(p.Errors) > 0 {
			return m.buildError(p.Errors)
		}
		for _, file := range p.Syntax {
			if err := readInto(m.Sources, m.Files.Position(file.FileStart).Filename); err != nil {
				return fmt.Errorf("loading %s: %w", p.PkgPath, err)
			}
		}
		for _, name := range p.IgnoredFiles {
			if filepath.Ext(name) != ".go" {
				continue
			}
			if err := readInto(m.Hidden, name); err != nil {
				return fmt.Errorf("loading %s: %w", p.PkgPath, err)
			}
		}
	}
	return nil
}

func readInto(files map[string][]byte, name string) (err error) {
	files[name], err = os.ReadFile(name)
	return err
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
func (m *Module) Position(pos token.Pos) string { return m.position(pos, false) }

// Origin is Position in the file that a tool has made the loaded one of, as its line comments say.
func (m *Module) Origin(pos token.Pos) string { return m.position(pos, true) }

func (m *Module) position(pos token.Pos, origin bool) string {
	p := m.Files.PositionFor(pos, origin)
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
