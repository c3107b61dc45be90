package gosource

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"maps"
	"os"
	"slices"

	"golang.org/x/tools/go/packages"
)

// Neighbours loads what the program imports of other modules that lie in directories of their own: behind a replace
// directive, or in the same workspace. They have no Program, and what is wrong with them is left out.
func Neighbours(ctx context.Context, m *Module) ([]*Module, error) {
	work := cmp.Or(m.Workspace, "off")
	if m.Alone {
		work = "off"
	}
	env := append(os.Environ(), "GOWORK="+work)
	found, err := packages.Load(&packages.Config{Context: ctx, Mode: names, Dir: m.Dir, Env: env}, m.Program.PkgPath)
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("loading the modules beside %s: %w", m.Path, err)
	}
	paths := make(map[string][]string)
	var visit func(*packages.Package)
	seen := make(map[*packages.Package]bool)
	visit = func(p *packages.Package) {
		if seen[p] {
			return
		}
		seen[p] = true
		if mod := p.Module; mod != nil && mod.Path != m.Path && (mod.Main || mod.Replace != nil && mod.Replace.Version == "") {
			paths[mod.Path] = append(paths[mod.Path], p.PkgPath)
		}
		for _, imported := range p.Imports {
			visit(imported)
		}
	}
	visit(found[0])
	var list []*Module
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		config := &packages.Config{Context: ctx, Mode: typed, Fset: token.NewFileSet(), Dir: m.Dir, Env: env}
		slices.Sort(paths[path])
		loaded, err := packages.Load(config, paths[path]...)
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", path, err)
		}
		n := &Module{Dir: loaded[0].Module.Dir, Path: path, Files: config.Fset, Packages: loaded, Workspace: m.Workspace}
		if n.read() == nil {
			list = append(list, n)
		}
	}
	return list, nil
}
