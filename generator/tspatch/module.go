package tspatch

import (
	"io/fs"
	"path"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// A module says how the entry is loaded, and with it what our files are.
type module struct {
	typed    bool   // it is TypeScript, and so are they
	imports  bool   // it has import statements; otherwise it calls require
	suffix   string // of relative imports, for example ".js"; empty where they have none
	compiler compiler
}

// extension is that of our file install in an import.
func (m module) extension() string {
	switch {
	case m.typed:
		return m.suffix
	case m.imports:
		return ".mjs"
	}
	return ".cjs"
}

// form is how Node.js reads the entry.
func (m module) form() string {
	switch {
	case m.typed:
		return "typescript"
	case m.imports:
		return "module"
	}
	return "commonjs"
}

// readModule finds out how the entry is loaded: from its name, package.json, tsconfig.json, and what it says itself.
func (p *program) readModule() (module, error) {
	ext := path.Ext(p.Path)
	m := module{typed: strings.HasSuffix(ext, "ts")}
	switch {
	case ext == ".mjs", ext == ".mts", ext == ".js" && p.manifest.esm:
		m.imports = true
	case ext == ".cjs":
	default:
		m.imports = p.hasModuleSyntax()
	}
	if !m.typed {
		return m, nil
	}
	var err error
	if m.compiler, err = readCompiler(p.FS, path.Dir(p.Path)); err != nil {
		return m, err
	}
	m.suffix = p.suffix(m.compiler)
	commonJS := m.compiler.module == "commonjs" || m.compiler.follows() && !p.manifest.esm
	switch {
	case m.compiler.verbatim && commonJS:
		return m, &refusal.Refusal{
			Code: refusal.CodeShape, Position: m.compiler.verbatimAt,
			Reason: "verbatimModuleSyntax allows no import in files that become CommonJS, as ours would: leave it out, or make the package a module",
		}
	case m.suffix == "" && m.compiler.follows():
		m.suffix = ".js"
	}
	return m, nil
}

// suffix is that of the relative imports of the entry; where it has none, the one that its compiler and Node.js take.
func (p *program) suffix(c compiler) string {
	for i := range p.tokens {
		name := p.unquoted(i)
		if !strings.HasPrefix(name, "./") && !strings.HasPrefix(name, "../") || !p.is(i-1, "from", "import") && !(p.is(i-1, "(") && p.is(i-2, "require", "import")) {
			continue
		}
		switch ext := path.Ext(name); ext {
		case ".js", ".mjs", ".cjs":
			return ".js"
		case ".ts", ".mts", ".cts":
			return ".ts"
		case ".json":
		default:
			return ""
		}
	}
	switch {
	case c.keepsTS:
		return ".ts"
	case p.manifest.esm || path.Ext(p.Path) == ".mts":
		return ".js"
	}
	return ""
}

// A compiler is what tsconfig.json says that matters here, in lower case.
type compiler struct {
	module     string
	keepsTS    bool // imports name .ts files
	verbatim   bool
	verbatimAt string // file:line
}

// follows says whether package.json decides which files are modules.
func (c compiler) follows() bool { return strings.HasPrefix(c.module, "node") }

// maxExtends is how many configurations are read that extend each other.
const maxExtends = 5

// readCompiler reads the tsconfig.json of the nearest folder that has one. What it extends in a package is not read.
func readCompiler(project fs.FS, dir string) (compiler, error) {
	for ; ; dir = path.Dir(dir) {
		name := path.Join(dir, "tsconfig.json")
		if _, err := fs.Stat(project, name); err == nil {
			var c compiler
			return c, c.read(project, name, maxExtends)
		}
		if dir == "." {
			return compiler{}, nil
		}
	}
}

// read reads first what the configuration extends, then what it says itself.
func (c *compiler) read(project fs.FS, name string, more int) error {
	doc, err := readDocument(project, name)
	if err != nil || more == 0 {
		return err
	}
	if base := doc.unquoted(doc.value("extends")); strings.HasPrefix(base, ".") {
		base = path.Join(path.Dir(name), base)
		if path.Ext(base) != ".json" {
			base += ".json"
		}
		if _, err := fs.Stat(project, base); err == nil {
			if err := c.read(project, base, more-1); err != nil {
				return err
			}
		}
	}
	if at := doc.value("compilerOptions", "module"); at >= 0 {
		c.module = strings.ToLower(doc.unquoted(at))
	}
	if at := doc.value("compilerOptions", "verbatimModuleSyntax"); at >= 0 {
		c.verbatim, c.verbatimAt = doc.is(at, "true"), doc.Position(doc.tokens[at].start)
	}
	for _, option := range []string{"allowImportingTsExtensions", "rewriteRelativeImportExtensions"} {
		if at := doc.value("compilerOptions", option); at >= 0 {
			c.keepsTS = doc.is(at, "true")
		}
	}
	return nil
}
