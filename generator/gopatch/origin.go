package gopatch

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// An origin is where a value is made: a call of a function of another module, a literal, or a variable that is given nothing.
type origin struct {
	node ast.Node     // call or literal; nil for a variable
	held types.Object // the variable
	at   scope        // of the part of a router that the value is
	from source       // what the node is, to be looked into
}

// made is equal for origins of one value.
func (o origin) made() any {
	switch {
	case o.node != nil:
		return o.node
	case isDefaultMux(o.held):
		return defaultMux{}
	}
	return o.held
}

type defaultMux struct{}

func isDefaultMux(o types.Object) bool {
	return o.Name() == "DefaultServeMux" && o.Pkg() != nil && o.Pkg().Path() == "net/http"
}

// A part is what a router calls a function with: itself, with a prefix.
type part struct {
	router source
	at     scope
}

const (
	maxDepth   = 12   // of calls that are followed into one another
	maxTracing = 4096 // variables that are followed for one value
)

// origins returns where the value of s is made. It is in the order of the source.
func (f *flow) origins(s source) []origin {
	t := tracer{flow: f, seen: make(map[types.Object]bool)}
	t.trace(s, scope{})
	return t.found
}

type tracer struct {
	flow  *flow
	seen  map[types.Object]bool
	steps int
	found []origin
}

func (t *tracer) add(o origin) { t.found = append(t.found, o) }

func (t *tracer) trace(s source, at scope) {
	if s.field != nil {
		t.object(s, s.field, at)
		return
	}
	info := s.pkg.TypesInfo
	switch e := ast.Unparen(s.expr).(type) {
	case *ast.CallExpr:
		t.call(s, e, at)
		return
	case *ast.CompositeLit, *ast.FuncLit:
		t.add(origin{node: e, at: at, from: s})
		return
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			t.trace(s.with(e.X), at)
			return
		}
	case *ast.SelectorExpr: // the RouterGroup of gin's Engine
		if s.pkg.TypesInfo.Selections[e] != nil && t.flow.isRouter(info.TypeOf(e.X)) {
			t.trace(s.with(e.X), at)
			return
		}
	case *ast.TypeAssertExpr:
		t.trace(s.with(e.X), at)
		return
	}
	if o := objectOf(info, s.expr); o != nil {
		t.object(s, o, at)
		return
	}
	t.add(origin{node: ast.Unparen(s.expr), at: at, from: s})
}

// bound returns what the call in which s is evaluated gives a parameter.
func (s source) bound(o types.Object) (source, bool) {
	if s.args == nil {
		return source{}, false
	}
	given, ok := s.args.given[o]
	return given, ok
}

// with is another expression in the same place.
func (s source) with(expr ast.Expr) source {
	return source{pkg: s.pkg, expr: expr, args: s.args}
}

func (t *tracer) object(s source, o types.Object, at scope) {
	if given, ok := s.bound(o); ok {
		t.trace(given, at)
		return
	}
	if t.seen[o] || t.steps > maxTracing {
		return
	}
	t.seen[o] = true
	t.steps++
	defer delete(t.seen, o)
	given, parts := t.flow.given[o], t.flow.parts[o]
	for _, from := range given {
		t.trace(from, at)
	}
	for _, p := range parts {
		t.trace(p.router, p.at.joined(at))
	}
	if len(given)+len(parts) == 0 {
		t.add(origin{held: o, at: at, from: s})
	}
}

func (t *tracer) call(s source, call *ast.CallExpr, at scope) {
	info := s.pkg.TypesInfo
	if tv := info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
		t.trace(s.with(call.Args[0]), at)
		return
	}
	if part, ok := t.flow.partOf(s, call); ok {
		t.trace(part.router, part.at.joined(at))
		return
	}
	results, inner := t.flow.resultsOf(s, call)
	for _, from := range results {
		from.args = inner
		t.trace(from, at)
	}
	if len(results) == 0 {
		t.add(origin{node: call, at: at, from: s})
	}
}

// resultsOf returns what a call of one of the program's own functions returns, and what the call gives its parameters.
func (f *flow) resultsOf(s source, call *ast.CallExpr) ([]source, *arguments) {
	inner := f.argumentsOf(s, call)
	if inner.depth > maxDepth {
		return nil, nil
	}
	node := f.function(s.pkg, call.Fun)
	if node == nil || s.result >= len(f.results[node]) {
		return nil, nil
	}
	return f.results[node][s.result], inner
}

// function returns the declaration or literal of the function that an expression names; nil for those of other modules.
func (f *flow) function(p *packages.Package, expr ast.Expr) ast.Node {
	expr = ast.Unparen(expr)
	if lit, ok := expr.(*ast.FuncLit); ok {
		return lit
	}
	if d, ok := f.decls[functionOf(p.TypesInfo, expr)]; ok {
		return d.decl
	}
	if o := objectOf(p.TypesInfo, expr); o != nil && len(f.given[o]) == 1 {
		if lit, ok := ast.Unparen(f.given[o][0].expr).(*ast.FuncLit); ok {
			return lit
		}
	}
	return nil
}

// functionOf returns the function or method that an expression names; nil for any other expression.
func functionOf(info *types.Info, expr ast.Expr) types.Object {
	fn, _ := typeutil.Callee(info, &ast.CallExpr{Fun: expr}).(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// argumentsOf binds the parameters of the program's own functions, and what their methods are called on.
func (f *flow) argumentsOf(s source, call *ast.CallExpr) *arguments {
	inner := &arguments{given: make(map[types.Object]source)}
	if s.args != nil {
		inner.depth = s.args.depth + 1
		for o, given := range s.args.given { // a literal of a function sees what is around it
			inner.given[o] = given
		}
	}
	signature, ok := s.pkg.TypesInfo.TypeOf(call.Fun).(*types.Signature)
	if fn, isFunc := functionOf(s.pkg.TypesInfo, call.Fun).(*types.Func); isFunc {
		signature, ok = fn.Signature(), true
	}
	if !ok || signature.Variadic() {
		return inner
	}
	for param, arg := range parameters(signature, call) {
		inner.given[param] = s.with(arg)
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && signature.Recv() != nil {
		inner.given[signature.Recv()] = s.with(sel.X)
	}
	return inner
}
