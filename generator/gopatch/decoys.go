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

// maxSteps bounds how far a handler is followed through variables.
const maxSteps = 5

// decoyHandler looks at the expression of a handler, and at what the variable it names was given.
func (f *finder) decoyHandler(p *packages.Package, expr ast.Expr, steps int) string {
	expr = ast.Unparen(expr)
	if call, ok := expr.(*ast.CallExpr); ok {
		return f.decoyCall(p, call)
	}
	if lit, ok := expr.(*ast.FuncLit); ok && redirects(p.TypesInfo, lit.Body) {
		return "a redirect"
	}
	o := objectOf(p.TypesInfo, expr)
	if o == nil || steps == maxSteps {
		return ""
	}
	if given := f.values[o]; len(given) == 1 {
		return f.decoyHandler(given[0].pkg, given[0].expr, steps+1)
	}
	return ""
}

func (f *finder) decoyCall(p *packages.Package, call *ast.CallExpr) string {
	fn := typeutil.StaticCallee(p.TypesInfo, call)
	switch {
	case fn == nil && len(call.Args) == 1: // a conversion: http.HandlerFunc(f)
		return f.decoyFunc(p, call.Args[0])
	case fn == nil || fn.Pkg() == nil:
		return ""
	case strings.HasPrefix(fn.Pkg().Path(), "github.com/prometheus/client_golang/"):
		return "metrics"
	case fn.FullName() == "expvar.Handler":
		return "metrics"
	case fn.FullName() == "net/http.RedirectHandler":
		return "a redirect"
	case fn.FullName() == "(*golang.org/x/crypto/acme/autocert.Manager).HTTPHandler":
		return "ACME challenges"
	}
	return ""
}

// decoyFunc looks into the function that is the handler.
func (f *finder) decoyFunc(p *packages.Package, expr ast.Expr) string {
	expr = ast.Unparen(expr)
	if lit, ok := expr.(*ast.FuncLit); ok && redirects(p.TypesInfo, lit.Body) {
		return "a redirect"
	}
	id, ok := expr.(*ast.Ident)
	if !ok {
		return ""
	}
	for _, file := range p.Syntax {
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if ok && p.TypesInfo.Defs[d.Name] == p.TypesInfo.Uses[id] && d.Body != nil && redirects(p.TypesInfo, d.Body) {
				return "a redirect"
			}
		}
	}
	return ""
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
