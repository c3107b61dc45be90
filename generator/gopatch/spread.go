package gopatch

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// spread returns the site, or where its handler is a parameter or field that is given different ones, the places where
// they are given: what makes servers for several handlers must not put the endpoint in front of all.
func (f *finder) spread(site Site, steps int) []Site {
	o := objectOf(site.pkg.TypesInfo, site.handler)
	given := f.passed[o]
	if o == nil || len(given) == 0 || len(given) != len(f.values[o]) || steps == maxSteps || steps == 0 && (f.alike(given) || f.single(site)) {
		return []Site{site}
	}
	var sites []Site
	for _, v := range given {
		s := site
		s.pkg, s.node, s.handler, s.shares = v.pkg, v.expr, v.expr, nil
		s.outer = cmp.Or(site.outer, &site)
		s.Position, s.Handler = f.module.Position(v.expr.Pos()), f.module.Text(v.expr)
		sites = append(sites, f.spread(s, steps+1)...)
	}
	return sites
}

// single says whether a site is an assignment to one server, whichever of its modes gives it a handler.
func (f *finder) single(site Site) bool {
	made := make(map[any]bool)
	for _, o := range f.survey.flow.served(site) {
		made[o.made()] = true
	}
	_, assigned := site.node.(*ast.AssignStmt)
	return assigned && len(made) == 1
}

func (f *finder) alike(given []value) bool {
	first := f.identity(given[0].pkg, given[0].expr)
	return !slices.ContainsFunc(given[1:], func(v value) bool { return f.identity(v.pkg, v.expr) != first })
}

// functions returns what variables hold that never hold anything but one function with a name.
func (f *finder) functions() map[types.Object]*types.Func {
	held := make(map[types.Object]*types.Func)
	for o, given := range f.values {
		if len(given) != 1 {
			continue
		}
		if fn, ok := typeutil.Callee(given[0].pkg.TypesInfo, &ast.CallExpr{Fun: given[0].expr}).(*types.Func); ok {
			held[o] = fn
		}
	}
	return held
}

// callee returns the function that is called, also through a variable that never holds another one.
func (f *flow) callee(p *packages.Package, call *ast.CallExpr) *types.Func {
	if fn, ok := typeutil.Callee(p.TypesInfo, call).(*types.Func); ok {
		return fn
	}
	return f.held[objectOf(p.TypesInfo, call.Fun)]
}

// signature returns that of the function that is called, with the parameters that it is declared with.
func (f *finder) signature(p *packages.Package, call *ast.CallExpr) *types.Signature {
	if fn := f.survey.flow.callee(p, call); fn != nil {
		return fn.Origin().Signature()
	}
	expr := ast.Unparen(call.Fun)
	if given := f.values[objectOf(p.TypesInfo, expr)]; len(given) == 1 {
		p, expr = given[0].pkg, ast.Unparen(given[0].expr)
	}
	if lit, ok := expr.(*ast.FuncLit); ok {
		signature, _ := p.TypesInfo.TypeOf(lit).(*types.Signature)
		return signature
	}
	return nil
}
