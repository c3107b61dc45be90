package gopatch

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// decoy says what a server is for that people would not put an endpoint on; empty for any other server.
func (f *finder) decoy(site Site) string {
	if what := f.decoyRoutes(site); what != "" || isNil(site) {
		return what
	}
	return f.decoyHandler(site.pkg, site.handler, 0)
}

// maxSteps bounds how far a handler is followed through variables, calls and routes.
const maxSteps = 10

// decoyHandler looks at the expression of a handler, and at what the variable it names was given or has routes to.
func (f *finder) decoyHandler(p *packages.Package, expr ast.Expr, steps int) string {
	expr = ast.Unparen(expr)
	if expr == nil || steps == maxSteps {
		return ""
	}
	switch e := expr.(type) {
	case *ast.CallExpr:
		return f.decoyCall(p, e, steps+1)
	case *ast.FuncLit:
		return f.decoyBody(p, e.Body, steps)
	case *ast.UnaryExpr:
		return f.decoyHandler(p, e.X, steps)
	case *ast.CompositeLit:
		method, _, _ := types.LookupFieldOrMethod(p.TypesInfo.TypeOf(e), true, nil, "ServeHTTP")
		d := f.survey.flow.decls[method]
		if d.decl == nil {
			return ""
		}
		return f.decoyBody(d.pkg, d.decl.Body, steps)
	}
	if fn, ok := typeutil.Callee(p.TypesInfo, &ast.CallExpr{Fun: expr}).(*types.Func); ok {
		if d, ok := f.survey.flow.decls[fn.Origin()]; ok {
			return f.decoyBody(d.pkg, d.decl.Body, steps)
		}
	}
	o := objectOf(p.TypesInfo, expr)
	if o == nil {
		return ""
	}
	if what := f.decoyAll(f.registered[o], steps); what != "" {
		return what
	}
	if given := f.values[o]; len(given) == 1 {
		return f.decoyHandler(given[0].pkg, given[0].expr, steps+1)
	}
	return ""
}

// decoyAll says what handlers are for when all are for the same; empty for none.
func (f *finder) decoyAll(handlers []value, steps int) string {
	var what string
	for i, h := range handlers {
		this := f.decoyHandler(h.pkg, h.expr, steps+1)
		if this == "" || i > 0 && this != what {
			return ""
		}
		what = this
	}
	return what
}

func (f *finder) decoyCall(p *packages.Package, call *ast.CallExpr, steps int) string {
	fn := typeutil.StaticCallee(p.TypesInfo, call)
	switch {
	case fn == nil && len(call.Args) == 1: // a conversion: http.HandlerFunc(f)
		return f.decoyHandler(p, call.Args[0], steps)
	case fn == nil || fn.Pkg() == nil:
		return ""
	case fn.FullName() == "(*golang.org/x/crypto/acme/autocert.Manager).HTTPHandler":
		if p.TypesInfo.Types[call.Args[0]].IsNil() || f.decoyHandler(p, call.Args[0], steps) != "" {
			return "ACME challenges"
		}
		return ""
	}
	if what := decoyFunctions()[fn.FullName()]; what != "" {
		return what
	}
	if inner := handlersAmong(p.TypesInfo, call.Args); len(inner) == 1 {
		return f.decoyHandler(p, inner[0], steps)
	}
	results := f.survey.flow.results[f.survey.flow.decls[fn.Origin()].decl]
	if len(results) == 0 {
		return ""
	}
	var returned []value
	for _, result := range results[0] {
		returned = append(returned, value{result.pkg, result.expr})
	}
	return f.decoyAll(returned, steps)
}

// decoyFunctions are those of other modules that make handlers for operators.
func decoyFunctions() map[string]string {
	return map[string]string{
		"expvar.Handler":           "metrics",
		"net/http.RedirectHandler": "a redirect",
		"github.com/prometheus/client_golang/prometheus/promhttp.Handler":                 "metrics",
		"github.com/prometheus/client_golang/prometheus/promhttp.HandlerFor":              "metrics",
		"github.com/prometheus/client_golang/prometheus/promhttp.HandlerForTransactional": "metrics",
		"github.com/prometheus/client_golang/prometheus.Handler":                          "metrics",
		"github.com/prometheus/client_golang/prometheus.UninstrumentedHandler":            "metrics",
	}
}

// handlersAmong returns the expressions that are handlers of net/http, functions included.
func handlersAmong(info *types.Info, list []ast.Expr) []ast.Expr {
	var found []ast.Expr
	for _, expr := range list {
		if handles(info.TypeOf(expr)) {
			found = append(found, expr)
		}
	}
	return found
}

// registration notes a route's handler, whatever the router: a method that is given a path and a handler. What may
// register routes that cannot be seen here is noted as a route without one.
func (f *finder) registration(p *packages.Package, call *ast.CallExpr) {
	for i, arg := range call.Args {
		if o := objectOf(p.TypesInfo, arg); o != nil && f.takesRouter(p, call, i) {
			f.registered[o] = append(f.registered[o], value{pkg: p})
		}
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return
	}
	o := objectOf(p.TypesInfo, sel.X)
	if o == nil || !handles(o.Type()) {
		return
	}
	inner := handlersAmong(p.TypesInfo, call.Args)
	switch {
	case isText(p.TypesInfo.TypeOf(call.Args[0])) && len(inner) == 1:
		f.registered[o] = append(f.registered[o], value{p, inner[0]})
	case isText(p.TypesInfo.TypeOf(call.Args[0])) || slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return groups(p.TypesInfo.TypeOf(arg)) }):
		f.registered[o] = append(f.registered[o], value{pkg: p})
	}
}

// takesRouter says whether a function is given a router as more than something that handles requests.
func (f *finder) takesRouter(p *packages.Package, call *ast.CallExpr, at int) bool {
	signature, ok := p.TypesInfo.TypeOf(call.Fun).(*types.Signature)
	if !ok || at >= signature.Params().Len() || !handles(p.TypesInfo.TypeOf(call.Args[at])) {
		return false
	}
	return !isNamed(signature.Params().At(at).Type(), "net/http", "Handler")
}

// groups says whether a function gets a router, to register routes on.
func groups(t types.Type) bool {
	if t == nil {
		return false
	}
	signature, ok := t.Underlying().(*types.Signature)
	return ok && signature.Params().Len() == 1 && handles(signature.Params().At(0).Type()) && !isNamed(signature.Params().At(0).Type(), "net/http", "Handler")
}

func isText(t types.Type) bool {
	if t == nil {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

// decoyBody looks at a function that handles requests: it redirects in the end, or hands all of them on to one handler.
func (f *finder) decoyBody(p *packages.Package, body *ast.BlockStmt, steps int) string {
	if body == nil {
		return ""
	}
	if redirects(p.TypesInfo, body) {
		return "a redirect"
	}
	var next []value
	chooses := false
	ast.PreorderStack(body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if to := forwarded(p, n); to != nil {
				next = append(next, value{p, to})
			}
		case *ast.Ident:
			chooses = chooses || isNamed(p.TypesInfo.TypeOf(n), "net/http", "Request") && !harmless(p, n, stack)
		}
		return true
	})
	if chooses || len(next) != 1 {
		return ""
	}
	return f.decoyHandler(next[0].pkg, next[0].expr, steps+1)
}

// redirects says whether the last thing that a function does is http.Redirect.
func redirects(info *types.Info, body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	last, ok := body.List[len(body.List)-1].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := last.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := typeutil.StaticCallee(info, call)
	return fn != nil && fn.FullName() == "net/http.Redirect"
}

// decoyRoutes says what a site is for whose routes are all known, and all for operators.
func (f *finder) decoyRoutes(site Site) string {
	routing := f.survey.Routing(Server{Sites: []Site{site}})
	if len(routing.Unknown) > 0 || len(routing.Routes) == 0 {
		return ""
	}
	all := func(is func(string) bool) bool {
		return !slices.ContainsFunc(routing.Routes, func(r Route) bool { return !is(r.Path) })
	}
	switch {
	case all(func(path string) bool { return strings.HasPrefix(path, "/debug/pprof") }):
		return "pprof"
	case all(operators):
		return "metrics or debugging"
	}
	return ""
}

func operators(path string) bool {
	for _, prefix := range []string{"/metrics", "/debug/", "/healthz", "/readyz", "/livez", "/-/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}
