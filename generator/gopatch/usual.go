package gopatch

import (
	"go/ast"
	"go/constant"
	"go/token"
	"slices"
	"strings"
)

// usual returns the path that a route of MCP has unless a setting says otherwise: the only one that the source names among
// what the variable may hold. It is empty where there is none, or several.
func (s *Survey) usual(r Route) string {
	if r.Path != "/…" || r.written.expr == nil {
		return ""
	}
	var named []string
	for _, o := range s.flow.origins(r.written) {
		named = append(named, s.flow.namedBy(o)...)
	}
	slices.Sort(named)
	if named = slices.Compact(named); len(named) != 1 {
		return ""
	}
	return named[0]
}

// namedBy returns the paths that stand where a string comes from: it is one, or the default of a flag.
func (f *flow) namedBy(o origin) []string {
	if o.node == nil {
		var named []string
		for _, c := range f.calls {
			if slices.ContainsFunc(c.call.Args, func(arg ast.Expr) bool {
				address, ok := ast.Unparen(arg).(*ast.UnaryExpr)
				return ok && address.Op == token.AND && objectOf(c.pkg.TypesInfo, address.X) == o.held
			}) {
				named = append(named, pathsAmong(source{pkg: c.pkg}, c.call.Args)...)
			}
		}
		return named
	}
	if call, ok := o.node.(*ast.CallExpr); ok {
		return pathsAmong(o.from, call.Args)
	}
	if expr, ok := o.node.(ast.Expr); ok {
		return pathsAmong(o.from, []ast.Expr{expr})
	}
	return nil
}

func pathsAmong(in source, list []ast.Expr) []string {
	var paths []string
	for _, expr := range list {
		value := in.pkg.TypesInfo.Types[expr].Value
		if value != nil && value.Kind() == constant.String && strings.HasPrefix(constant.StringVal(value), "/") {
			paths = append(paths, constant.StringVal(value))
		}
	}
	return paths
}
