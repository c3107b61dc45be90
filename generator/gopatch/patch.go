package gopatch

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/format"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/edit"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/packages"
)

// A Patch is what changes in the user's packages.
type Patch struct {
	Files    []File    // sorted by path
	Wrappers []Wrapper // new files, one for each package that has a site
}

// Kinds returns those of the wrappers.
func (p Patch) Kinds() []string {
	var kinds []string
	for _, w := range p.Wrappers {
		kinds = append(kinds, w.Kind)
	}
	return kinds
}

// A File is a file of the user's, before and after.
type File struct {
	Path          string // relative to the module
	Before, After []byte
	Lines         int // that differ
}

// Kinds of wrappers, by what the function takes and returns.
const (
	WrapHandler = "handler" // http.Handler
	WrapGin     = "gin"     // *gin.Engine
	WrapGin7    = "gin7"    // *gin.Engine before v1.8, which knew no HTTP/2 without TLS
	WrapEcho4   = "echo4"   // *echo.Echo
	WrapEcho5   = "echo5"
	WrapFiber2  = "fiber2" // *fiber.App
	WrapFiber3  = "fiber3"
	WrapRun     = "run"   // a server of go-sdk that runs over stdio
	WrapStdio   = "stdio" // the function of mcp-go that serves over stdio
	WrapStart   = "start" // a server of mcp-go that listens by itself
)

// A Wrapper is the file that gives a package the function which its sites call.
type Wrapper struct {
	Path       string // relative to the module
	Package    string
	Kind       string // of what the function wraps: WrapHandler, …
	Func       string
	Constraint string // build constraint of the site's file; empty if it has none
	Served     Import // package of what is wrapped
	Glue       Import // ours
}

// An Import is a package that a wrapper imports.
type Import struct {
	Path  string
	Name  string // that the file knows it by
	Alias bool   // Name is not the package's own
}

// Patch computes the change that puts our handler in front of the server. The error is a Refusal where none fits.
func (s *Survey) Patch(server Server) (Patch, error) {
	p := patcher{survey: s, edits: make(map[string][]edit.Edit), wrappers: make(map[wrapperKey]Wrapper)}
	for _, site := range server.Sites {
		if err := p.add(site); err != nil {
			return Patch{}, err
		}
	}
	var patch Patch
	for _, name := range slices.Sorted(maps.Keys(p.edits)) {
		before := s.module.Sources[name]
		after, err := edit.Apply(before, p.edits[name])
		if err != nil {
			return Patch{}, fmt.Errorf("patching %s: %w", name, err)
		}
		after = tidied(before, after)
		patch.Files = append(patch.Files, File{Path: s.module.Rel(name), Before: before, After: after, Lines: changed(before, after)})
	}
	patch.Wrappers = slices.SortedFunc(maps.Values(p.wrappers), func(a, b Wrapper) int { return cmp.Compare(a.Path, b.Path) })
	return patch, nil
}

type patcher struct {
	survey   *Survey
	edits    map[string][]edit.Edit
	wrappers map[wrapperKey]Wrapper
}

// wrapperKey is what wrappers differ in: a package has one for each kind.
type wrapperKey struct{ pkg, kind string }

// wrapper returns the kind that the site needs.
func (s Site) wrapper() string {
	if s.engine == nil {
		return WrapHandler
	}
	return s.router.wrapper(s.engine)
}

func (p *patcher) add(site Site) error {
	m := p.survey.module
	name := m.Files.PositionFor(site.node.Pos(), false).Filename
	file := fileOf(site)
	key := wrapperKey{site.pkg.PkgPath, site.wrapper()}
	w, ok := p.wrappers[key]
	if !ok {
		w = p.newWrapper(site, m.Rel(name), file)
		p.wrappers[key] = w
	} else if w.Constraint != constraintOf(file) {
		return &refusal.Refusal{
			Code: refusal.CodeShape, Position: site.Position, Reason: "the server's sites are built under different constraints; wrap each by hand",
			ByHand: []string{w.Func + "(" + site.Handler + ")"},
		}
	}
	switch {
	case site.handler != nil:
		start, end := m.Offset(site.handler.Pos()), m.Offset(site.handler.End())
		p.edits[name] = append(p.edits[name], edit.Insert(start, w.Func+"("+site.before), edit.Insert(end, site.after+")"))
	case site.literal != nil:
		e, err := p.field(site, w.Func)
		if err != nil {
			return err
		}
		p.edits[name] = append(p.edits[name], e)
	}
	return nil
}

// field returns the edit that gives a literal of http.Server the field that it lacks.
func (p *patcher) field(site Site, function string) (edit.Edit, error) {
	m, lit := p.survey.module, site.literal
	text := "Handler: " + function + "(nil)"
	if len(lit.Elts) == 0 {
		return edit.Insert(m.Offset(lit.Rbrace), text), nil
	}
	if _, keyed := lit.Elts[0].(*ast.KeyValueExpr); !keyed {
		return edit.Edit{}, &refusal.Refusal{Code: refusal.CodeShape, Position: site.Position, Reason: "the literal names no fields; name them, and add:", ByHand: []string{text + ","}}
	}
	last := lit.Elts[len(lit.Elts)-1]
	return edit.Insert(m.Offset(last.End()), ", "+text), nil
}

func fileOf(site Site) *ast.File {
	for _, file := range site.pkg.Syntax {
		if file.FileStart <= site.node.Pos() && site.node.Pos() < file.FileEnd {
			return file
		}
	}
	return nil
}

func (p *patcher) newWrapper(site Site, name string, file *ast.File) Wrapper {
	w := Wrapper{
		Path:       path.Join(path.Dir(name), "mcpauth_"+path.Base(name)), // keeps the _linux of its name
		Package:    site.pkg.Name,
		Kind:       site.wrapper(),
		Constraint: constraintOf(file),
	}
	used := identifiers(site.pkg)
	for key, other := range p.wrappers {
		if key.pkg == site.pkg.PkgPath {
			used[other.Func] = true
			w.Path = path.Join(path.Dir(name), "mcpauth_"+w.Kind+"_"+path.Base(name))
		}
	}
	w.Func = fresh(used, "withMCP")
	w.Served = imported(site.pkg, used, netHTTP().path, netHTTP().name)
	if site.engine != nil {
		w.Served = imported(site.pkg, used, site.router.path, site.router.name)
	}
	w.Glue = imported(site.pkg, used, p.survey.module.Path+"/"+Glue, path.Base(Glue))
	return w
}

// imported names a package as it is called, unless that name means something in the package that imports it.
func imported(into *packages.Package, used map[string]bool, importPath, name string) Import {
	if into.Types.Scope().Lookup(name) == nil {
		return Import{Path: importPath, Name: name}
	}
	return Import{Path: importPath, Name: fresh(used, name+"pkg"), Alias: true}
}

// identifiers are all that mean something anywhere in the package.
func identifiers(p *packages.Package) map[string]bool {
	used := make(map[string]bool)
	for _, file := range p.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name] = true
			}
			return true
		})
	}
	return used
}

// fresh returns name, or with a number after it, so that it is not among the used ones.
func fresh(used map[string]bool, name string) string {
	candidate := name
	for i := 2; used[candidate]; i++ {
		candidate = fmt.Sprintf("%s%d", name, i)
	}
	return candidate
}

// constraintOf returns the //go:build line of a file, empty if it has none.
func constraintOf(file *ast.File) string {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, c := range group.List {
			if constraint.IsGoBuild(c.Text) {
				return strings.TrimSpace(c.Text)
			}
		}
	}
	return ""
}

// tidied keeps a file formatted that was: where the edits moved the spacing of their own lines, that is put right. No
// other line changes.
func tidied(before, after []byte) []byte {
	if formatted, err := format.Source(before); err != nil || !bytes.Equal(formatted, before) {
		return after
	}
	formatted, err := format.Source(after)
	if err != nil {
		return after
	}
	original, ours := lines(before), lines(after)
	theirs := lines(formatted)
	if len(ours) != len(theirs) || len(original) != len(ours) {
		return after
	}
	for i := range ours {
		if !bytes.Equal(ours[i], theirs[i]) && bytes.Equal(ours[i], original[i]) {
			return after
		}
	}
	return formatted
}

func lines(b []byte) [][]byte { return slices.Collect(bytes.Lines(b)) }

// changed counts the lines that differ. The edits add none.
func changed(before, after []byte) int {
	a, b := lines(before), lines(after)
	n := 0
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			n++
		}
	}
	return n
}
