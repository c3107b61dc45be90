package gopatch

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// A reached router is one that a handler hands requests to.
type reached struct {
	router origin
	base   scope      // that is taken off paths before
	limit  scope      // of the requests
	by     []ast.Node // function bodies and calls that they pass before
}

// behind is what a handler hands requests to.
type behind struct {
	routers []reached
	mcp     []answered  // what answers MCP
	opaque  []token.Pos // what may answer anything by itself
}

// A walker follows a handler through what is wrapped around it.
type walker struct {
	*flow
	seen   map[any]bool
	passed []ast.Node // function bodies and calls on the way
	found  behind
}

// behind returns what the handler of s hands requests to, which have passed by before.
func (f *flow) behind(s source, base, limit scope, by ...ast.Node) behind {
	w := walker{flow: f, seen: make(map[any]bool), passed: by}
	w.handler(s, base, limit)
	return w.found
}

func (w *walker) handler(s source, base, limit scope) {
	for _, o := range w.origins(s) {
		if w.seen[o.made()] {
			continue
		}
		narrowed, ok := limit, true
		if len(o.at.pattern.segments) > 0 { // a part of a router, which knows whole paths
			part := base.joined(o.at)
			part.pattern.below = true
			narrowed, ok = part.within(limit)
		}
		if ok {
			w.seen[o.made()] = true
			w.origin(o, base, narrowed)
			delete(w.seen, o.made())
		}
	}
}

func (w *walker) origin(o origin, base, limit scope) {
	t := w.typeOf(o)
	if mcp := w.transportAt(o); mcp != nil {
		mcp.by = slices.Clone(w.passed)
		w.found.mcp = append(w.found.mcp, *mcp)
		return
	}
	if w.registered[o.made()] != nil || w.isRouter(t) {
		w.found.routers = append(w.found.routers, reached{o, base, limit, slices.Concat(w.passed, w.used(o.made()))})
		if !w.complete(o) {
			w.opaque(o)
		}
		return
	}
	if call, ok := o.node.(*ast.CallExpr); ok {
		w.pass(call, func() { w.wrapper(o, call, base, limit) })
		return
	}
	if field := embedded(t); field != nil {
		w.handler(source{pkg: o.from.pkg, field: field}, base, limit)
		return
	}
	if body, in := w.body(o, t); body != nil {
		w.pass(body, func() { w.forwards(in, body, base, limit) })
		return
	}
	if sel, ok := o.node.(*ast.SelectorExpr); ok && sel.Sel.Name == "ServeHTTP" {
		w.handler(o.from.with(sel.X), base, limit)
		return
	}
	w.opaque(o)
}

func (w *walker) pass(n ast.Node, on func()) {
	w.passed = append(w.passed, n)
	on()
	w.passed = w.passed[:len(w.passed)-1]
}

func (w *walker) opaque(o origin) {
	if o.node != nil {
		w.found.opaque = append(w.found.opaque, o.node.Pos())
	} else {
		w.found.opaque = append(w.found.opaque, o.held.Pos())
	}
}

func (f *flow) typeOf(o origin) types.Type {
	if o.node == nil {
		return o.held.Type()
	}
	if expr, ok := o.node.(ast.Expr); ok {
		if tuple, ok := o.from.pkg.TypesInfo.TypeOf(expr).(*types.Tuple); ok {
			if tuple.Len() == 0 {
				return nil // a call without a result, where the code does not build
			}
			return tuple.At(min(o.from.result, tuple.Len()-1)).Type()
		}
		return o.from.pkg.TypesInfo.TypeOf(expr)
	}
	return nil
}

// used returns the functions that a router puts in front of all its routes.
func (f *flow) used(router any) []ast.Node {
	var list []ast.Node
	for _, c := range f.calls {
		sel, ok := ast.Unparen(c.call.Fun).(*ast.SelectorExpr)
		if !ok || c.fn.Name() != "Use" || f.routers[pathOf(c.fn)] == nil {
			continue
		}
		on := f.origins(f.receiver(source{pkg: c.pkg}, sel))
		if !slices.ContainsFunc(on, func(o origin) bool { return o.made() == router }) {
			continue
		}
		for _, arg := range c.call.Args {
			if call, ok := ast.Unparen(arg).(*ast.CallExpr); ok {
				list = append(list, call)
			} else if n := f.function(c.pkg, arg); n != nil {
				list = append(list, n)
			}
		}
	}
	return list
}

// complete says whether every route of a router is registered where it can be seen: one that another module makes
// may have some.
func (f *flow) complete(o origin) bool {
	call, ok := o.node.(*ast.CallExpr)
	switch {
	case ok:
		fn, _ := typeutil.Callee(o.from.pkg.TypesInfo, call).(*types.Func)
		return fn == nil || f.routers[pathOf(fn)] != nil && constructs(fn.Name())
	case o.node == nil:
		_, isStruct := o.held.Type().Underlying().(*types.Struct)
		return isStruct || isDefaultMux(o.held)
	}
	return true
}

// constructs says whether a function of a router makes one that has no routes.
func constructs(name string) bool {
	return slices.Contains([]string{"New", "NewServeMux", "NewRouter", "NewMux", "NewWithConfig", "Default"}, name)
}

// transparent are functions that hand every request on, or answer it whatever its path is.
func transparent(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "net/http":
		return slices.Contains([]string{"StripPrefix", "TimeoutHandler", "MaxBytesHandler", "AllowQuerySemicolons", "Handler"}, fn.Name())
	case "github.com/gin-gonic/gin", "github.com/labstack/echo/v4", "github.com/labstack/echo/v5":
		return strings.HasPrefix(fn.Name(), "Wrap")
	case "golang.org/x/net/http2/h2c", "github.com/gorilla/handlers", "github.com/gorilla/csrf", "github.com/rs/cors", "github.com/justinas/alice",
		"github.com/justinas/nosurf", "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", "github.com/klauspost/compress/gzhttp", "github.com/felixge/httpsnoop":
		return true
	}
	return false
}

// wrapper follows the call of a function of another module to the handlers that it is given.
func (w *walker) wrapper(o origin, call *ast.CallExpr, base, limit scope) {
	info := o.from.pkg.TypesInfo
	fn := calleeOf(info, call)
	if fn != nil && fn.FullName() == "net/http.StripPrefix" && len(call.Args) == 2 {
		base = base.joined(scope{}.withPath(w.text(o.from, call.Args[0]), colons))
		w.handler(o.from.with(call.Args[1]), base, limit)
		return
	}
	given := false
	for _, arg := range call.Args {
		if handles(info.TypeOf(arg)) {
			given = true
			w.handler(o.from.with(arg), base, limit)
		}
	}
	if !given || !transparent(fn) {
		w.opaque(o)
	}
}

// calleeOf returns the function that is called, or the one that has returned the function that is.
func calleeOf(info *types.Info, call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	if inner, ok := ast.Unparen(call.Fun).(*ast.CallExpr); fn == nil && ok {
		return calleeOf(info, inner)
	}
	return fn
}

// handles says whether values of a type are handlers of net/http.
func handles(t types.Type) bool {
	if t == nil {
		return false
	}
	if signature, ok := t.Underlying().(*types.Signature); ok {
		return takesRequest(signature)
	}
	o, _, _ := types.LookupFieldOrMethod(t, true, nil, "ServeHTTP")
	fn, ok := o.(*types.Func)
	return ok && takesRequest(fn.Signature())
}

func takesRequest(signature *types.Signature) bool {
	return signature.Params().Len() == 2 && isNamed(signature.Params().At(1).Type(), "net/http", "Request")
}

// body returns that of a function which is a handler, or of the ServeHTTP of one.
func (f *flow) body(o origin, t types.Type) (*ast.BlockStmt, source) {
	in := o.from
	switch expr := o.node.(type) {
	case *ast.FuncLit:
		return expr.Body, in
	case ast.Expr:
		if d, ok := f.decls[functionOf(in.pkg.TypesInfo, expr)]; ok {
			return d.decl.Body, source{pkg: d.pkg}
		}
	}
	if t == nil {
		return nil, source{}
	}
	method, _, _ := types.LookupFieldOrMethod(t, true, nil, "ServeHTTP")
	fn, ok := method.(*types.Func)
	if !ok {
		return nil, source{}
	}
	d := f.decls[fn.Origin()]
	if d.decl == nil {
		return nil, source{}
	}
	return d.decl.Body, source{pkg: d.pkg}
}

// embedded returns the field that gives a struct its ServeHTTP; nil for any other type.
func embedded(t types.Type) *types.Var {
	fields, ok := structOf(t)
	if !ok {
		return nil
	}
	_, index, _ := types.LookupFieldOrMethod(t, true, nil, "ServeHTTP")
	if len(index) < 2 {
		return nil
	}
	return fields.Field(index[0]).Origin()
}

// forwards follows a function to the handlers that it calls. Unless it never looks at the path, it may do other things.
func (w *walker) forwards(in source, body *ast.BlockStmt, base, limit scope) {
	clean, given := true, false
	ast.PreorderStack(body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if next := forwarded(in.pkg, n); next != nil {
				given = true
				w.handler(in.with(next), base, limit)
			}
		case *ast.Ident:
			if isNamed(in.pkg.TypesInfo.TypeOf(n), "net/http", "Request") && !harmless(in.pkg, n, stack) {
				clean = false
			}
		}
		return true
	})
	if !clean || !given {
		w.found.opaque = append(w.found.opaque, body.Pos())
	}
}

// forwarded returns the handler that a call hands a request to; nil for any other call.
func forwarded(p *packages.Package, call *ast.CallExpr) ast.Expr {
	if len(call.Args) != 2 || !isNamed(p.TypesInfo.TypeOf(call.Args[1]), "net/http", "Request") {
		return nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "ServeHTTP" {
		return sel.X
	}
	if objectOf(p.TypesInfo, call.Fun) != nil {
		return call.Fun
	}
	return nil
}

// harmless says whether a use of a request tells nothing of its path: what handles it further, and its other parts.
func harmless(p *packages.Package, id *ast.Ident, stack []ast.Node) bool {
	switch parent := stack[len(stack)-1].(type) {
	case *ast.CallExpr:
		return forwarded(p, parent) != nil
	case *ast.AssignStmt, *ast.Field:
		return true
	case *ast.SelectorExpr:
		return slices.Contains(strings.Fields("Method Header Context WithContext RemoteAddr Host Body ContentLength Proto TLS UserAgent Cookie Cookies BasicAuth Clone"), parent.Sel.Name)
	}
	return false
}
