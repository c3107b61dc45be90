package gopatch

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// An entry is a registration on a router.
type entry struct {
	in      source // where it is written
	node    ast.Node
	call    *ast.CallExpr // nil for a field that is set
	rule    rule
	router  *router
	on      source
	handler ast.Expr // nil where it is not known
	scope   scope
}

// register notes a call of a router's method. What its arguments are is looked at when everything is collected.
func (f *flow) register(p *packages.Package, call *ast.CallExpr, stack []ast.Node) {
	in := source{pkg: p}
	rule, router, on, ok := f.ruleOf(in, call)
	if !ok || rule.does == parts || rule.does == chains {
		return
	}
	e := entry{in: in, node: call, call: call, rule: rule, router: router, on: on}
	for i, arg := range call.Args {
		if rule.role(i) == handlerArg {
			e.handler = arg
		}
	}
	e.scope.methods = f.chained(p, router, stack)
	f.entries = append(f.entries, e)
}

// chained returns the methods that calls after this one name: HandleFunc(…).Methods("GET").
func (f *flow) chained(p *packages.Package, of *router, stack []ast.Node) []string {
	var methods []string
	for i := len(stack) - 2; i >= 0; i -= 2 {
		call, ok := stack[i].(*ast.CallExpr)
		if _, isSelector := stack[i+1].(*ast.SelectorExpr); !ok || !isSelector {
			break
		}
		fn, _ := typeutil.Callee(p.TypesInfo, call).(*types.Func)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != of.path {
			break
		}
		r := of.rules[fn.Name()]
		for j, arg := range call.Args {
			if r.does == parts && r.role(j) == methodArg {
				methods = append(methods, f.list(source{pkg: p}, arg)...)
			}
		}
	}
	return methods
}

// fallback notes a router's field for requests that no route matches.
func (f *flow) fallback(p *packages.Package, n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		sel, ok := ast.Unparen(left).(*ast.SelectorExpr)
		if !ok || len(n.Lhs) != len(n.Rhs) {
			continue
		}
		field, ok := p.TypesInfo.Uses[sel.Sel].(*types.Var)
		if !ok || !field.IsField() || field.Pkg() == nil {
			continue
		}
		if r := f.routers[field.Pkg().Path()]; r != nil && slices.Contains(r.fallbacks, field.Name()) {
			in := source{pkg: p}
			f.entries = append(f.entries, entry{in: in, node: n, rule: rule{does: catches}, router: r, on: in.with(sel.X), handler: n.Rhs[i]})
		}
	}
}

// settle finds out what the entries' arguments are, and which router each is registered on.
func (f *flow) settle() {
	f.bind()
	for _, e := range slices.Clone(f.entries) {
		if e.rule.does == uses {
			f.middleware(e)
		}
	}
	for i := range f.entries {
		e := &f.entries[i]
		if e.call != nil {
			methods := e.scope.methods
			e.scope = f.scopeOf(e.in, e.rule, e.router, e.call)
			e.scope.methods = append(e.scope.methods, methods...)
		}
		if e.rule.does == catches {
			e.scope.pattern.below = true
		}
		if e.rule.does == calls && e.handler != nil {
			f.part(*e)
		}
	}
	f.registered = make(map[any][]registered)
	f.imported()
	for i := range f.entries {
		e := &f.entries[i]
		if e.rule.does == calls || e.rule.does == uses {
			continue
		}
		for _, o := range f.origins(e.on) {
			f.registered[o.made()] = append(f.registered[o.made()], registered{entry: e, scope: o.at.joined(e.scope)})
		}
	}
}

// imported notes the routes that packages of the standard library register when they are imported.
func (f *flow) imported() {
	for _, p := range f.module.Packages {
		for _, file := range p.Syntax {
			for _, spec := range file.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				route, ok := map[string]string{"net/http/pprof": "/debug/pprof/", "expvar": "/debug/vars"}[path]
				if !ok {
					continue
				}
				e := entry{node: spec, router: f.routers["net/http"], scope: scope{}.withPath(text{route, true}, standard)}
				f.registered[defaultMux{}] = append(f.registered[defaultMux{}], registered{&e, e.scope})
			}
		}
	}
}

// registered is an entry, seen from a router that it is on.
type registered struct {
	entry *entry
	scope scope
}

// part gives the first parameter of the functions that a router calls the router itself.
func (f *flow) part(e entry) {
	for _, o := range f.origins(e.in.with(e.handler)) {
		expr, ok := o.node.(ast.Expr)
		if !ok {
			continue
		}
		var params *ast.FieldList
		p := o.from.pkg
		switch fn := f.function(p, expr).(type) {
		case *ast.FuncLit:
			params = fn.Type.Params
		case *ast.FuncDecl:
			params = fn.Type.Params
			p = f.decls[functionOf(p.TypesInfo, expr)].pkg
		}
		if params != nil && len(params.List) > 0 && len(params.List[0].Names) > 0 {
			param := p.TypesInfo.Defs[params.List[0].Names[0]]
			f.parts[param] = append(f.parts[param], part{router: e.on, at: e.scope})
		}
	}
}
