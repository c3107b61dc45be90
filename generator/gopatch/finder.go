package gopatch

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/mcpauth/mcpauth/internal/gosource"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// A value is an expression that is given to a variable, parameter or field.
type value struct {
	pkg  *packages.Package
	expr ast.Expr
}

// A setting is an assignment to the Handler field of an http.Server.
type setting struct {
	site    Site
	servers map[ast.Node]bool // literals that it may be made on
}

// An application is a call somewhere.
type application struct {
	pkg  *packages.Package
	call *ast.CallExpr
}

type finder struct {
	module     *gosource.Module
	survey     *Survey
	values     map[types.Object][]value
	passed     map[types.Object][]value  // of them, arguments and fields of literals
	calls      []application             // whose functions are looked up when all variables are known
	owners     map[ast.Expr]types.Object // what holds a literal
	registered map[types.Object][]value  // handlers of routes, by the variable of the router
	wrappers   map[*types.Func]bool      // do nothing but hand a handler to our package
	sites      []Site
	literals   []Site
	settings   []setting
	reached    *reach       // nil where everything counts
	configured map[any]bool // servers that get their handler where they are started: what holds them, or the literal
}

func newFinder(m *gosource.Module, s *Survey) *finder {
	return &finder{
		module: m, survey: s, values: make(map[types.Object][]value), passed: make(map[types.Object][]value), owners: make(map[ast.Expr]types.Object),
		registered: make(map[types.Object][]value), wrappers: make(map[*types.Func]bool), configured: make(map[any]bool),
	}
}

// collect learns what is given to which variable.
func (f *finder) collect(p *packages.Package) {
	for _, file := range p.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if len(n.Lhs) == len(n.Rhs) {
					for i := range n.Lhs {
						f.give(p, objectOf(p.TypesInfo, n.Lhs[i]), n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if i < len(n.Values) {
						f.give(p, p.TypesInfo.Defs[name], n.Values[i])
					}
				}
			case *ast.KeyValueExpr:
				f.pass(p, objectOf(p.TypesInfo, n.Key), n.Value)
			case *ast.CallExpr:
				f.calls = append(f.calls, application{p, n})
			case *ast.FuncDecl:
				f.declare(p, n)
			}
			return true
		})
	}
}

func (f *finder) declare(p *packages.Package, d *ast.FuncDecl) {
	fn, ok := p.TypesInfo.Defs[d.Name].(*types.Func)
	if !ok {
		return
	}
	if f.handsOn(p, d) {
		f.wrappers[fn] = true
	}
}

// arguments gives each parameter of a function what it is called with.
func (f *finder) arguments(p *packages.Package, call *ast.CallExpr) {
	signature := f.signature(p, call)
	if signature == nil || signature.Variadic() || signature.Params().Len() != len(call.Args) {
		return
	}
	for i, arg := range call.Args {
		f.pass(p, signature.Params().At(i), arg)
	}
}

func (f *finder) pass(p *packages.Package, to types.Object, expr ast.Expr) {
	if to != nil {
		f.passed[to] = append(f.passed[to], value{p, expr})
	}
	f.give(p, to, expr)
}

func (f *finder) give(p *packages.Package, to types.Object, expr ast.Expr) {
	if to == nil {
		return
	}
	f.values[to] = append(f.values[to], value{p, expr})
	f.owners[literalIn(expr)] = to
}

// literalIn returns what is left of &T{…} and (T{…}).
func literalIn(expr ast.Expr) ast.Expr {
	expr = ast.Unparen(expr)
	if u, ok := expr.(*ast.UnaryExpr); ok && u.Op == token.AND {
		return ast.Unparen(u.X)
	}
	return expr
}

// holderOf returns the variable or field that an expression names, or what is left of &T{…}.
func (f *finder) holderOf(p *packages.Package, expr ast.Expr) any {
	if o := objectOf(p.TypesInfo, expr); o != nil {
		return o
	}
	return literalIn(expr)
}

// objectOf returns the variable or field that an expression names; nil for any other expression.
func objectOf(info *types.Info, expr ast.Expr) types.Object {
	switch e := ast.Unparen(expr).(type) {
	case *ast.Ident:
		if e.Name == "_" {
			return nil
		}
		return variable(info.ObjectOf(e))
	case *ast.SelectorExpr:
		return variable(info.Uses[e.Sel])
	case *ast.StarExpr:
		return objectOf(info, e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return objectOf(info, e.X)
		}
	}
	return nil
}

func variable(o types.Object) types.Object {
	if v, ok := o.(*types.Var); ok {
		return v
	}
	return nil
}

// walk looks at every place of a package where something is served or routed.
func (f *finder) walk(p *packages.Package) {
	for _, file := range p.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				fn, _ := p.TypesInfo.Defs[n.Name].(*types.Func)
				return !f.wrappers[fn]
			case *ast.CallExpr:
				f.call(p, n)
			case *ast.CompositeLit:
				f.literal(p, n)
			case *ast.AssignStmt:
				f.assignment(p, n)
			case *ast.Ident:
				f.reference(p, n)
				f.login(p, n)
			}
			return true
		})
	}
}

func (f *finder) call(p *packages.Package, call *ast.CallExpr) {
	fn := f.survey.flow.callee(p, call)
	if fn == nil {
		return
	}
	f.registration(p, call)
	f.issuing(p, call, fn)
	f.sink(p, call, fn)
	f.stdio(p, call, fn.Origin())
}

func (f *finder) site(p *packages.Package, n ast.Node, kind string, handler ast.Expr) Site {
	net := netHTTP()
	s := Site{Kind: kind, Position: f.module.Position(n.Pos()), pkg: p, node: n, handler: handler, router: &net}
	if handler != nil {
		s.Position, s.Handler = f.module.Position(handler.Pos()), f.module.Text(handler)
	}
	return s
}

func (f *finder) literal(p *packages.Package, lit *ast.CompositeLit) {
	if !isNamed(p.TypesInfo.TypeOf(lit), "net/http", "Server") {
		return
	}
	fields := make(map[string]ast.Expr)
	for _, element := range lit.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if name, ok := pair.Key.(*ast.Ident); ok {
				fields[name.Name] = pair.Value
			}
		}
	}
	site := f.site(p, lit, "http.Server", fields["Handler"])
	if address := fields["Addr"]; address != nil {
		site.Address = f.module.Text(address)
	}
	if site.handler == nil {
		site.literal = lit
	}
	f.literals = append(f.literals, site)
}

// assignment finds srv.Handler = h, also where the server is embedded.
func (f *finder) assignment(p *packages.Package, n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		sel, ok := ast.Unparen(left).(*ast.SelectorExpr)
		if !ok || len(n.Lhs) != len(n.Rhs) {
			continue
		}
		if isServerHandler(p.TypesInfo.Uses[sel.Sel]) {
			f.settings = append(f.settings, setting{site: f.site(p, n, "http.Server", n.Rhs[i])})
		}
	}
}

// isServerHandler says whether a field is that of http.Server, also where the server is embedded.
func isServerHandler(o types.Object) bool {
	field, ok := o.(*types.Var)
	return ok && field.IsField() && field.Name() == "Handler" && field.Pkg() != nil && field.Pkg().Path() == "net/http"
}

// reference notes that the program already serves through our package.
func (f *finder) reference(p *packages.Package, id *ast.Ident) {
	fn, ok := p.TypesInfo.Uses[id].(*types.Func)
	if ok && f.survey.Protected == "" && (f.wrappers[fn] || f.isProtect(fn)) {
		f.survey.Protected = f.module.Position(id.Pos())
	}
}

func (f *finder) isProtect(fn *types.Func) bool {
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == f.module.Path+"/"+Glue && strings.HasPrefix(fn.Name(), "Protect")
}

// handsOn says whether the function is the one line that we write.
func (f *finder) handsOn(p *packages.Package, d *ast.FuncDecl) bool {
	if d.Body == nil || len(d.Body.List) != 1 {
		return false
	}
	ret, ok := d.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	call, ok := ret.Results[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	return f.isProtect(typeutil.StaticCallee(p.TypesInfo, call))
}

// isNamed says whether t, or what it points to, is the named type.
func isNamed(t types.Type, path, name string) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path && named.Obj().Name() == name
}
