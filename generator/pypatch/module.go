package pypatch

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// outside stands for the directory that the project is in.
const outside = ".."

// ourModule returns the module of ours as the entry has to import it. How Python finds the entry's neighbours depends on how
// the program is started: its own imports tell, and after them what starts it. The error is a Refusal where nothing tells.
func (p *program) ourModule() (string, error) {
	if slices.ContainsFunc(p.imports(), func(i imported) bool { return strings.HasPrefix(i.module, ".") }) {
		return "." + script.Folder, nil
	}
	base, ok := p.base()
	switch {
	case ok && base == "":
		return "." + script.Folder, nil
	case ok && p.dottedBelow(base) != "":
		return p.moduleBelow(base), nil
	}
	return "", &refusal.Refusal{
		Code: refusal.CodeShape, Position: p.Entry + ":1",
		Reason: "how the program imports what is beside this file cannot be told: it imports nothing of the project, and no command that starts it was found. Add one of these imports, and the call behind the statement, and run this again:",
		ByHand: []string{"from " + p.moduleBelow(".") + " import " + Call, "from " + script.Folder + " import " + Call},
	}
}

// base returns the directory in which Python looks for the program's modules; empty for: the entry is in a package, of whatever.
func (p *program) base() (dir string, ok bool) {
	for _, bases := range [][]string{p.basesOfImports(), p.basesOfCommands()} {
		if len(bases) == 1 {
			return bases[0], true
		}
	}
	dir = path.Dir(p.Entry)
	switch guarded := p.runsItself(); {
	case p.has(path.Join(dir, "__init__.py")):
		return "", !guarded && dir != "." // people put one beside scripts, too
	case dir == ".", guarded:
		return dir, true
	}
	return "", false
}

// ancestors are the directories from that of the entry up to the one that the project is in.
func (p *program) ancestors() []string {
	var list []string
	for dir := path.Dir(p.Entry); ; dir = path.Dir(dir) {
		list = append(list, dir)
		if dir == "." {
			return append(list, outside)
		}
	}
}

// inProject returns the path of a module, without its suffix, seen from a directory of the path; empty where it is in no place
// that is known.
func (p *program) inProject(base, module string) string {
	name := strings.ReplaceAll(module, ".", "/")
	if base != outside {
		return path.Join(base, name)
	}
	first, rest, _ := strings.Cut(name, "/")
	if first != p.Name || rest == "" {
		return ""
	}
	return rest
}

// basesOfImports are the directories in which all is found that the entry imports of the project.
func (p *program) basesOfImports() []string {
	var bases []string
	for _, dir := range p.ancestors() {
		for _, i := range p.imports() {
			if name := p.inProject(dir, i.module); i.name != Call && name != "" && p.hasModule(name) {
				bases = append(bases, dir)
				break
			}
		}
	}
	return bases
}

// basesOfCommands are the directories from which the entry is what a command starts.
func (p *program) basesOfCommands() []string {
	application := regexp.MustCompile(`\b([A-Za-z_][\w.]*):[A-Za-z_]\w*`)
	module := regexp.MustCompile(`python[0-9.]*\s+(?:-\w\s+)*-m"?,?\s+"?([A-Za-z_][\w.]*)`)
	file := regexp.MustCompile(`python[0-9.]*"?,?\s+"?([\w./-]+\.py)\b`)
	var bases []string
	add := func(dir string) {
		if !slices.Contains(bases, dir) {
			bases = append(bases, dir)
		}
	}
	for _, text := range p.commands() {
		for _, found := range slices.Concat(application.FindAllStringSubmatch(text, -1), module.FindAllStringSubmatch(text, -1)) {
			for _, dir := range p.ancestors() {
				if name := p.inProject(dir, found[1]); name != "" && name+".py" == p.Entry {
					add(dir)
				}
			}
		}
		for _, found := range file.FindAllStringSubmatch(text, -1) {
			if name := path.Clean(found[1]); name == p.Entry || strings.HasSuffix(name, "/"+path.Base(p.Entry)) {
				add(path.Dir(p.Entry))
			}
		}
	}
	return bases
}

// commands are the texts in which a command may start the program: of the entry its strings.
func (p *program) commands() []string {
	var texts []string
	for _, st := range p.statements {
		for _, t := range st.tokens {
			if t.kind == str && !strings.Contains(p.text(t), "\n") {
				texts = append(texts, p.text(t))
			}
		}
	}
	for _, dir := range p.ancestors() {
		if dir == outside {
			continue
		}
		for _, name := range []string{"Dockerfile", "Procfile", "Makefile", "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "start.sh", "run.sh", "entrypoint.sh", "pyproject.toml", "README.md"} {
			if content, err := fs.ReadFile(p.FS, path.Join(dir, name)); err == nil && len(content) < mostBytes {
				texts = append(texts, string(content))
			}
		}
	}
	return texts
}

// runsItself says whether the entry is written to be run as a script.
func (p *program) runsItself() bool {
	return slices.ContainsFunc(p.statements, func(st statement) bool { return p.is(st.tokens, 0, "if") && p.is(st.tokens, 1, "__name__") })
}

// moduleBelow returns our module as it is called from a directory.
func (p *program) moduleBelow(base string) string {
	folder := script.FolderOf(p.Entry)
	switch base {
	case ".":
	case outside:
		folder = path.Join(p.Name, folder)
	default:
		folder = strings.TrimPrefix(folder, base+"/")
	}
	return strings.ReplaceAll(folder, "/", ".")
}

// dottedBelow returns our module below a directory, nothing where a part of it is no name of Python.
func (p *program) dottedBelow(base string) string {
	module := p.moduleBelow(base)
	if !regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`).MatchString(module) {
		return ""
	}
	return module
}
