package gosource

import (
	"context"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
)

// quick is thorough with one run of packages.Load instead of two: which packages the program is made of, the imports in
// its files tell. It returns nil where anything is not as expected, for thorough to say what.
func quick(ctx context.Context, dir, work string) *Module {
	paths := imported(dir)
	if len(paths) == 0 {
		return nil
	}
	config := &packages.Config{Context: ctx, Mode: typed, Fset: token.NewFileSet(), Dir: dir, Env: append(os.Environ(), "GOWORK="+work)}
	loaded, err := compile(config, paths)
	if err != nil {
		return nil
	}
	used := inUse(paths[0], loaded)
	if used == nil {
		return nil
	}
	m, err := newModule(config.Fset, paths[0], used)
	if err != nil {
		return nil
	}
	return m
}

// inUse returns those of the loaded packages that the program is made of; nil where one of them is missing.
func inUse(program string, loaded []*packages.Package) []*packages.Package {
	known := make(map[string]*packages.Package)
	for _, p := range loaded {
		known[p.ID] = p
	}
	if known[program] == nil || known[program].Module == nil {
		return nil
	}
	module := known[program].Module.Path
	used := []*packages.Package{known[program]}
	for i := 0; i < len(used); i++ {
		for _, imported := range used[i].Imports { // of which the ID alone is known
			switch p := known[imported.ID]; {
			case p == nil && within(imported.ID, module):
				return nil
			case p != nil && p.Module != nil && p.Module.Path == module && !slices.Contains(used, p):
				used = append(used, p)
			}
		}
	}
	return slices.DeleteFunc(loaded, func(p *packages.Package) bool { return !slices.Contains(used, p) })
}

// imported returns the import path of the package in dir and those of all packages below its module's directory that its
// files import, or theirs do, whatever a build leaves out of them. There are none without a module.
func imported(dir string) []string {
	dir, err := filepath.Abs(dir)
	mod := above(dir, "go.mod")
	if err != nil || mod == "" {
		return nil
	}
	root := filepath.Dir(mod)
	content, err := os.ReadFile(mod)
	rel, relErr := filepath.Rel(root, dir)
	module := modfile.ModulePath(content)
	if err != nil || relErr != nil || module == "" {
		return nil
	}
	var paths []string
	seen := make(map[string]bool)
	var visit func(string)
	visit = func(pkg string) {
		if seen[pkg] || !within(pkg, module) {
			return
		}
		seen[pkg] = true
		imports, found := importsIn(filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(pkg, module))))
		if found {
			paths = append(paths, pkg)
		}
		for _, p := range imports {
			visit(p)
		}
	}
	visit(path.Join(module, filepath.ToSlash(rel)))
	return paths
}

// within reports whether a package may be of a module.
func within(pkg, module string) bool { return pkg == module || strings.HasPrefix(pkg, module+"/") }

// importsIn returns what the Go files in dir import, and whether there are any. Tests are left out.
func importsIn(dir string) (imports []string, found bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, false
	}
	for _, entry := range entries {
		if entry.IsDir() || filepath.Ext(entry.Name()) != ".go" || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, entry.Name()), nil, parser.ImportsOnly)
		if err != nil {
			continue // it is not of the build, or is reported by thorough
		}
		found = true
		for _, spec := range file.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil {
				imports = append(imports, path)
			}
		}
	}
	return imports, found
}
