package gopatch

import (
	"go/ast"

	"golang.org/x/tools/go/packages"
)

// withinH2C moves sites inside of h2c.NewHandler: that takes whole connections over, and hands their requests to its own
// handler without asking who stands in front of it.
func (f *finder) withinH2C(sites []Site) []Site {
	moved := make(map[ast.Expr]bool)
	var all []Site
	for _, site := range sites {
		inner, p := f.insideH2C(site)
		if inner == nil {
			all = append(all, site)
			continue
		}
		if moved[inner] {
			continue // one call of it, served at several sites
		}
		moved[inner] = true
		within := f.site(p, inner, site.Kind, inner)
		within.Address, within.outer = site.Address, &site
		all = append(all, within)
	}
	return all
}

// insideH2C returns the handler that the one of a site hands its connections to; nil where that is not h2c's.
func (f *finder) insideH2C(site Site) (ast.Expr, *packages.Package) {
	if site.handler == nil {
		return nil, nil
	}
	origins := f.survey.flow.origins(source{pkg: site.pkg, expr: site.handler})
	if len(origins) != 1 {
		return nil, nil
	}
	call, ok := origins[0].node.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil, nil
	}
	p := origins[0].from.pkg
	if fn := calleeOf(p.TypesInfo, call); fn == nil || fn.FullName() != "golang.org/x/net/http2/h2c.NewHandler" {
		return nil, nil
	}
	return call.Args[0], p
}
