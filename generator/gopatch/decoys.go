package gopatch

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// decoy says what a server is for that people would not put an endpoint on; empty for any other server.
func (f *finder) decoy(site Site) string {
	if isNil(site) {
		return f.decoyRoutes("net/http", nil)
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
	if what := f.decoyRoutes("", o); what != "" {
		return what
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

// decoyRoutes says what a mux is for whose routes are all for operators: that of the variable mux, or with nil
// the one that the functions of net/http register on.
func (f *finder) decoyRoutes(pkg string, mux types.Object) string {
	routes := 0
	for _, r := range f.survey.Routes {
		if r.mux != mux || mux == nil && !r.global {
			continue
		}
		routes++
		if !operators(r.Path) {
			return ""
		}
	}
	if routes > 0 {
		return "metrics or debugging"
	}
	if pkg != "" && f.imports("net/http/pprof") {
		return "pprof"
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

func (f *finder) imports(path string) bool {
	for _, p := range f.module.Packages {
		if p.Imports[path] != nil {
			return true
		}
	}
	return false
}
