package gopatch

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A Route is a path that the program answers, as far as its source tells.
type Route struct {
	Path     string // as it is registered, without method and host
	Position string

	all    bool         // everything below Path too
	mux    types.Object // the variable that it is registered on; nil when it cannot be told
	global bool         // on http.DefaultServeMux
}

// fallback says whether functions and fields of that name take what no route matches.
func fallback(name string) bool {
	return name == "NotFound" || name == "NotFoundHandler" || name == "NoRoute" || name == "MethodNotAllowed"
}

// route notes what a call registers.
func (f *finder) route(p *packages.Package, call *ast.CallExpr, fn *types.Func) {
	if fn.Pkg() == nil || !isRouter(fn.Pkg().Path()) {
		return
	}
	r := Route{Position: f.module.Position(call.Pos()), global: fn.Signature().Recv() == nil}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && !r.global {
		r.mux = objectOf(p.TypesInfo, sel.X)
	}
	if fallback(fn.Name()) && !r.global {
		r.Path, r.all = "/", true
		f.survey.Routes = append(f.survey.Routes, r)
		return
	}
	for _, arg := range call.Args[:min(2, len(call.Args))] {
		value := p.TypesInfo.Types[arg].Value
		if value == nil || value.Kind() != constant.String {
			continue
		}
		if path, ok := pathOf(constant.StringVal(value)); ok {
			r.Path, r.all = path, catchesAll(fn.Name(), fn.Pkg().Path(), path)
			f.survey.Routes = append(f.survey.Routes, r)
			return
		}
	}
}

// isRouter says whether a package registers routes: that of a router, or one below it.
func isRouter(path string) bool {
	return slices.ContainsFunc(routers(), func(r router) bool {
		return path == r.path || strings.HasPrefix(path, r.path+"/") && r.path != "net/http"
	})
}

// pathOf returns the path of a pattern, which in net/http may begin with a method and a host.
func pathOf(pattern string) (string, bool) {
	if method, rest, ok := strings.Cut(pattern, " "); ok && !strings.Contains(method, "/") {
		pattern = strings.TrimLeft(rest, " ")
	}
	at := strings.Index(pattern, "/")
	if at < 0 || strings.Contains(pattern[:at], ":") || strings.ContainsAny(pattern, " \n") {
		return "", false
	}
	return pattern[at:], true
}

// catchesAll says whether a route takes everything below its path.
func catchesAll(name, pkg, path string) bool {
	return name == "PathPrefix" || name == "Mount" || strings.Contains(path, "*") || strings.Contains(path, "...}") ||
		pkg == "net/http" && strings.HasSuffix(path, "/")
}

// Answers returns the first route that is registered for exactly this path, with or without a trailing slash.
func (s *Survey) Answers(path string) (Route, bool) {
	for _, r := range s.Routes {
		if !r.all && strings.TrimSuffix(strings.TrimSuffix(r.Path, "{$}"), "/") == strings.TrimSuffix(path, "/") {
			return r, true
		}
	}
	return Route{}, false
}

// answersRoot says whether anything may answer the path /: a route for it, one for everything, a parameter.
func (s *Survey) answersRoot() bool {
	for _, r := range s.Routes {
		rest := strings.TrimPrefix(r.Path, "/")
		if rest == "" || strings.ContainsAny(rest[:1], "*{:") {
			return true
		}
	}
	return false
}
