package pypatch

import (
	"path"
	"slices"
	"strings"
)

// reached returns the entry and the files of the project that it imports, directly or not, the entry first.
func (p *program) reached() []*source {
	list := []*source{p.source}
	seen := map[string]bool{p.Entry: true}
	for i := 0; i < len(list); i++ {
		for _, module := range list[i].imports() {
			for _, name := range p.candidates(list[i].Path, module) {
				if seen[name] || len(list) == mostFiles {
					continue
				}
				seen[name] = true
				if s := p.read(name); s != nil {
					list = append(list, s)
				}
			}
		}
	}
	return list
}

// candidates are the files of the project that an import in a file may load.
func (p *program) candidates(file string, i imported) []string {
	var names []string
	for _, base := range p.modulePaths(file, i.module) {
		names = append(names, base)
		if i.name != "" && i.name != "*" {
			names = append(names, path.Join(base, i.name))
		}
	}
	var files []string
	for _, name := range names {
		for _, candidate := range []string{name + ".py", path.Join(name, "__init__.py")} {
			if p.has(candidate) {
				files = append(files, candidate)
			}
		}
	}
	return files
}

// modulePaths are the paths, without suffix, that a module may have in the project.
func (p *program) modulePaths(file, module string) []string {
	if bare := strings.TrimLeft(module, "."); bare != module {
		dir := path.Dir(file)
		for range len(module) - len(bare) - 1 {
			dir = path.Dir(dir)
		}
		return []string{path.Join(dir, strings.ReplaceAll(bare, ".", "/"))}
	}
	var paths []string
	for _, base := range p.ancestors() {
		if name := p.inProject(base, module); name != "" && !slices.Contains(paths, name) {
			paths = append(paths, name)
		}
	}
	return paths
}

// ownModule says whether a name in a file is imported from the project, or not imported at all.
func (p *program) ownModule(s *source, name string) bool {
	for _, i := range s.imports() {
		if i.as == name {
			return len(p.candidates(s.Path, i)) > 0
		}
	}
	return true
}
