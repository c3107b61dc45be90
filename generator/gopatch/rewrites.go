package gopatch

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/packages"
)

// rewrites says whether the program changes the paths of requests, so that a route may answer others than its own.
func (s *Survey) rewrites() bool {
	for _, p := range s.module.Packages {
		if own(s.module, p) {
			continue
		}
		for _, file := range p.Syntax {
			found := false
			ast.Inspect(file, func(n ast.Node) bool {
				found = found || rewritesPath(p, n)
				return !found
			})
			if found {
				return true
			}
		}
	}
	return slices.ContainsFunc(s.flow.calls, func(c called) bool { return rewriter(c.fn) }) || s.uses(rewriter)
}

// rewritesPath finds r.URL.Path = … and r.URL = … of a request.
func rewritesPath(p *packages.Package, n ast.Node) bool {
	assignment, ok := n.(*ast.AssignStmt)
	if !ok {
		return false
	}
	return slices.ContainsFunc(assignment.Lhs, func(left ast.Expr) bool {
		sel, ok := ast.Unparen(left).(*ast.SelectorExpr)
		if ok && (sel.Sel.Name == "Path" || sel.Sel.Name == "RawPath") {
			sel, ok = ast.Unparen(sel.X).(*ast.SelectorExpr)
		}
		return ok && sel.Sel.Name == "URL" && isNamed(p.TypesInfo.TypeOf(sel.X), "net/http", "Request")
	})
}

// rewriter says whether a function is a middleware that routes by another path than the request's.
func rewriter(fn *types.Func) bool {
	switch pathOf(fn) {
	case "github.com/go-chi/chi/middleware", "github.com/go-chi/chi/v5/middleware":
		return fn.Name() == "URLFormat" || fn.Name() == "PathRewrite"
	case "github.com/labstack/echo/v4/middleware", "github.com/labstack/echo/v5/middleware":
		return fn.Name() == "Rewrite" || fn.Name() == "RewriteWithConfig"
	}
	return false
}

// uses says whether the program names a function for which is holds.
func (s *Survey) uses(is func(*types.Func) bool) bool {
	for _, p := range s.module.Packages {
		for _, o := range p.TypesInfo.Uses {
			if fn, ok := o.(*types.Func); ok && is(fn) {
				return true
			}
		}
	}
	return false
}
