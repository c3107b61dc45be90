package gopatch

import (
	"go/ast"
	"slices"
)

// answersPreflights says whether a library that answers every CORS preflight stands in front of all routes, so that none
// reaches a handler.
func (s *Survey) answersPreflights(server Server) bool {
	return !s.flow.passesOptions() && !slices.ContainsFunc(server.Sites, func(site Site) bool {
		return site.handler == nil || !s.flow.behindCORS(source{pkg: site.pkg, expr: site.handler})
	})
}

// passesOptions says whether the program tells such a library to hand preflights on.
func (f *flow) passesOptions() bool {
	for o := range f.given {
		if o.Name() == "OptionsPassthrough" {
			return true
		}
	}
	return slices.ContainsFunc(f.calls, func(c called) bool { return c.fn.Name() == "IgnoreOptions" })
}

func (f *flow) behindCORS(s source) bool {
	origins := f.origins(s)
	if len(origins) != 1 {
		return false
	}
	o := origins[0]
	if f.usesCORS(o) {
		return true
	}
	call, ok := o.node.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := calleeOf(o.from.pkg.TypesInfo, call)
	if fn == nil {
		return false
	}
	if path := pathOf(fn); path == "github.com/rs/cors" || path == "github.com/gorilla/handlers" && fn.Name() == "CORS" {
		return true
	}
	return transparent(fn) && slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return f.behindCORS(o.from.with(arg)) })
}

// usesCORS says whether a router of chi has the library among the middleware of all its routes.
func (f *flow) usesCORS(router origin) bool {
	return slices.ContainsFunc(f.calls, func(c called) bool {
		sel, ok := ast.Unparen(c.call.Fun).(*ast.SelectorExpr)
		if !ok || c.fn.Name() != "Use" || f.routers[pathOf(c.fn)] == nil || f.routers[pathOf(c.fn)].name != "chi" {
			return false
		}
		on := f.receiver(source{pkg: c.pkg}, sel)
		if on.expr != nil && f.parts[objectOf(c.pkg.TypesInfo, on.expr)] != nil {
			return false // of a group of routes
		}
		isCORS := slices.ContainsFunc(c.call.Args, func(arg ast.Expr) bool {
			fn := calleeOf(c.pkg.TypesInfo, &ast.CallExpr{Fun: arg})
			return fn != nil && (pathOf(fn) == "github.com/rs/cors" || pathOf(fn) == "github.com/go-chi/cors")
		})
		return isCORS && slices.ContainsFunc(f.origins(on), func(o origin) bool { return o.made() == router.made() })
	})
}
