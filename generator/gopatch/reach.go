package gopatch

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/packages"
)

// unreached is what a server is for that no call leads to.
const unreached = "nobody: nothing in the program leads to it"

// A reach is what the program may run. It errs on the side of more: a function counts as soon as code that counts names
// it, and so does every exported method of a type that is named.
type reach struct {
	decls   map[types.Object]declaration
	methods map[types.Object][]types.Object // exported ones, by the name of their type
	types   map[types.Object]typeDecl
	seen    map[types.Object]bool
	pending []located
}

type typeDecl struct {
	pkg  *packages.Package
	spec *ast.TypeSpec
}

// A located node is one whose names are still to be looked at.
type located struct {
	pkg  *packages.Package
	node ast.Node
}

// reach follows the names from main, from the init functions, and from what the variables of packages start with. It
// returns nil where there is no main to start from: then everything counts.
func (f *finder) reach() *reach {
	if f.module.Program == nil { // what a program takes from another module
		return nil
	}
	r := &reach{
		decls: f.survey.flow.decls, methods: make(map[types.Object][]types.Object), types: make(map[types.Object]typeDecl), seen: make(map[types.Object]bool),
	}
	for _, p := range f.module.Packages {
		for _, file := range p.Syntax {
			for _, d := range file.Decls {
				r.declare(p, d)
			}
		}
	}
	if f.module.Program == nil { // of another module than the program's
		return nil
	}
	start := f.module.Program.Types.Scope().Lookup("main")
	if start == nil {
		return nil
	}
	r.name(start)
	for len(r.pending) > 0 {
		next := r.pending[len(r.pending)-1]
		r.pending = r.pending[:len(r.pending)-1]
		r.look(next)
	}
	return r
}

func (r *reach) declare(p *packages.Package, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		o := p.TypesInfo.Defs[d.Name]
		if fn, ok := o.(*types.Func); ok && fn.Signature().Recv() != nil && fn.Exported() {
			if t := named(fn.Signature().Recv().Type()); t != nil {
				r.methods[t.Obj()] = append(r.methods[t.Obj()], fn)
			}
		}
		if d.Recv == nil && d.Name.Name == "init" {
			r.pending = append(r.pending, located{p, d})
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok {
				r.types[p.TypesInfo.Defs[t.Name]] = typeDecl{p, t}
			}
		}
		if d.Tok == token.VAR {
			r.pending = append(r.pending, located{p, d})
		}
	}
}

func named(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// name counts a function or a type, once.
func (r *reach) name(o types.Object) {
	if fn, ok := o.(*types.Func); ok {
		o = fn.Origin()
	}
	if r.seen[o] {
		return
	}
	r.seen[o] = true
	if d, ok := r.decls[o]; ok {
		r.pending = append(r.pending, located{d.pkg, d.decl})
	}
	if t, ok := r.types[o]; ok {
		r.pending = append(r.pending, located{t.pkg, t.spec})
	}
	for _, m := range r.methods[o] {
		r.name(m)
	}
}

// look counts what a node names, the declared function included.
func (r *reach) look(l located) {
	ast.Inspect(l.node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		switch o := l.pkg.TypesInfo.ObjectOf(id).(type) {
		case *types.Func, *types.TypeName:
			r.name(o)
		}
		return true
	})
}

// reaches says whether the program may come to the site. Those outside of functions are what variables start with.
func (f *finder) reaches(site Site) bool {
	if f.reached == nil {
		return true
	}
	for _, file := range site.pkg.Syntax {
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Pos() <= site.node.Pos() && site.node.Pos() < fn.End() {
				o := site.pkg.TypesInfo.Defs[fn.Name]
				return fn.Name.Name == "init" || f.reached.seen[o]
			}
		}
	}
	return true
}
