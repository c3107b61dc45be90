package gopatch

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/mcpauth/mcpauth/internal/gosource"
	"golang.org/x/tools/go/packages"
)

// A flow knows what may reach which variable: what it is assigned, what its function is called with, what functions
// return. The order of statements plays no part.
type flow struct {
	module  *gosource.Module
	given   map[types.Object][]source
	parts   map[types.Object][]part      // parameters of functions that a router calls with a part of itself
	results map[ast.Node][][]source      // of a *ast.FuncDecl or *ast.FuncLit, one list for each result
	decls   map[types.Object]declaration // of functions
	routers map[string]*router           // by import path
	held    map[types.Object]*types.Func // by variables that hold nothing else

	calls      []called
	sets       []assigned
	entries    []entry
	registered map[any][]registered // by what makes the router
}

// A source is an expression that a value comes from.
type source struct {
	pkg    *packages.Package
	expr   ast.Expr
	result int          // of a call that has several
	field  types.Object // takes the place of expr: what is embedded in a struct
	args   *arguments   // of the call that the expression is evaluated in; nil for every call there is
}

func (s source) pos() token.Pos {
	if s.expr == nil {
		return s.field.Pos()
	}
	return s.expr.Pos()
}

// arguments are what one call gives the parameters of a function.
type arguments struct {
	given map[types.Object]source
	depth int
}

type declaration struct {
	pkg  *packages.Package
	decl *ast.FuncDecl
}

func newFlow(m *gosource.Module) *flow {
	f := &flow{
		module: m, routers: make(map[string]*router), given: make(map[types.Object][]source), parts: make(map[types.Object][]part),
		results: make(map[ast.Node][][]source), decls: make(map[types.Object]declaration),
	}
	for _, r := range routers() {
		f.routers[r.path] = &r
	}
	return f
}

// collect reads a package. What functions of other modules do with a value is not known.
func (f *flow) collect(p *packages.Package) {
	for _, file := range p.Syntax {
		ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				f.decls[p.TypesInfo.Defs[n.Name]] = declaration{p, n}
			case *ast.AssignStmt:
				f.assign(p, n.Lhs, n.Rhs)
				f.fallback(p, n)
				f.assigned(p, n)
			case *ast.ValueSpec:
				names := make([]ast.Expr, len(n.Names))
				for i, name := range n.Names {
					names[i] = name
				}
				f.assign(p, names, n.Values)
			case *ast.CompositeLit:
				f.literal(p, n)
			case *ast.ReturnStmt:
				f.returns(p, n, stack)
			case *ast.CallExpr:
				f.call(p, n, stack)
			}
			return true
		})
	}
}

func (f *flow) give(to types.Object, s source) {
	if to != nil {
		f.given[to] = append(f.given[to], s)
	}
}

// assign is a = x, a, b = x, y and a, b = f().
func (f *flow) assign(p *packages.Package, to, from []ast.Expr) {
	for i, left := range to {
		switch {
		case len(from) == len(to):
			f.give(objectOf(p.TypesInfo, left), source{pkg: p, expr: from[i]})
		case len(from) == 1:
			f.give(objectOf(p.TypesInfo, left), source{pkg: p, expr: from[0], result: i})
		}
	}
}

// literal gives fields what a literal of a struct holds, with their names or without.
func (f *flow) literal(p *packages.Package, lit *ast.CompositeLit) {
	s, _ := structOf(p.TypesInfo.TypeOf(lit))
	for i, element := range lit.Elts {
		pair, keyed := element.(*ast.KeyValueExpr)
		switch {
		case keyed:
			f.give(objectOf(p.TypesInfo, pair.Key), source{pkg: p, expr: pair.Value})
		case s != nil && i < s.NumFields():
			f.give(s.Field(i).Origin(), source{pkg: p, expr: element})
		}
	}
}

func structOf(t types.Type) (*types.Struct, bool) {
	if t == nil {
		return nil, false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	return s, ok
}

func (f *flow) returns(p *packages.Package, n *ast.ReturnStmt, stack []ast.Node) {
	fn, results := enclosing(stack)
	if fn == nil || results == nil {
		return
	}
	var named []ast.Expr
	for _, field := range results.List {
		for _, name := range field.Names {
			named = append(named, name)
		}
	}
	values := n.Results
	if len(values) == 0 {
		values = named
	}
	count := results.NumFields()
	if f.results[fn] == nil {
		f.results[fn] = make([][]source, count)
	}
	for i := range count {
		switch {
		case len(values) == count:
			f.results[fn][i] = append(f.results[fn][i], source{pkg: p, expr: values[i]})
		case len(values) == 1:
			f.results[fn][i] = append(f.results[fn][i], source{pkg: p, expr: values[0], result: i})
		}
	}
}

// enclosing returns the function that the innermost of the nodes belongs to.
func enclosing(stack []ast.Node) (ast.Node, *ast.FieldList) {
	for i := len(stack) - 1; i >= 0; i-- {
		switch fn := stack[i].(type) {
		case *ast.FuncLit:
			return fn, fn.Type.Results
		case *ast.FuncDecl:
			return fn, fn.Type.Results
		}
	}
	return nil, nil
}

// call gives parameters what they are called with, and notes what is registered.
func (f *flow) call(p *packages.Package, call *ast.CallExpr, stack []ast.Node) {
	if fn := f.callee(p, call); fn != nil {
		f.calls = append(f.calls, called{p, call, fn.Origin()})
	}
	f.register(p, call, stack)
}

// A called function is a call of it, or of the methods that an interface's stands for.
type called struct {
	pkg  *packages.Package
	call *ast.CallExpr
	fn   *types.Func
}

// bind gives parameters what they are called with. A router that goes to a function of another module may get routes there.
func (f *flow) bind() {
	methods := make(map[string][]*types.Func)
	for o := range f.decls {
		if fn, ok := o.(*types.Func); ok && fn.Signature().Recv() != nil {
			methods[fn.Name()] = append(methods[fn.Name()], fn)
		}
	}
	for _, c := range f.calls {
		targets := []*types.Func{c.fn}
		if recv := c.fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			targets = slices.DeleteFunc(slices.Clone(methods[c.fn.Name()]), func(m *types.Func) bool {
				return !types.Identical(m.Signature(), c.fn.Signature()) // which leaves receivers out
			})
		}
		bound := false
		for _, fn := range targets {
			_, own := f.decls[fn]
			bound = bound || own
			for param, arg := range parameters(fn.Signature(), c.call) {
				f.give(param, source{pkg: c.pkg, expr: arg})
			}
		}
		if !bound && f.routers[pathOf(c.fn)] == nil {
			f.handed(c)
		}
	}
}

func pathOf(fn *types.Func) string {
	if fn.Pkg() == nil {
		return ""
	}
	return fn.Pkg().Path()
}

// handed notes the routers among the arguments of a call that cannot be looked into.
func (f *flow) handed(c called) {
	for param, arg := range parameters(c.fn.Signature(), c.call) {
		if f.isRouter(c.pkg.TypesInfo.TypeOf(arg)) && !handlerOnly(param.Type()) {
			in := source{pkg: c.pkg}
			f.entries = append(f.entries, entry{in: in, node: c.call, rule: rule{does: hands}, on: in.with(arg), scope: everything()})
		}
	}
}

// handlerOnly says whether all that can be done with a type is to serve: nobody registers routes on it.
func handlerOnly(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() <= 1
}

// parameters pairs those of a function with what it is called with. A variadic one has every argument from its place on.
func parameters(signature *types.Signature, call *ast.CallExpr) func(yield func(*types.Var, ast.Expr) bool) {
	return func(yield func(*types.Var, ast.Expr) bool) {
		params := signature.Params()
		if params.Len() == 0 || len(call.Args) < params.Len()-1 || len(call.Args) == 1 && params.Len() > 1 {
			return // f(g()) with several results of g is left out
		}
		for i, arg := range call.Args {
			if !yield(params.At(min(i, params.Len()-1)), arg) {
				return
			}
		}
	}
}
