package gopatch

import (
	"go/ast"
	"go/types"
	"strings"
)

// Stops says whether the program shuts the server down, or closes it: one that nothing can stop, as
// http.ListenAndServe, ends with the program.
func (s *Survey) Stops(server Server) bool {
	made := make(map[any]bool)
	for _, site := range server.Sites {
		for _, o := range s.flow.served(site) {
			made[o.made()] = true
		}
	}
	for _, c := range s.flow.calls {
		sel, ok := ast.Unparen(c.call.Fun).(*ast.SelectorExpr)
		if !ok || !s.flow.stops(c.fn) {
			continue
		}
		for _, o := range s.flow.origins(s.flow.receiver(source{pkg: c.pkg}, sel)) {
			if made[o.made()] {
				return true
			}
		}
	}
	return false
}

// stops says whether a function ends what its receiver serves.
func (f *flow) stops(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	if recv == nil || !strings.HasPrefix(fn.Name(), "Shutdown") && fn.Name() != "Close" {
		return false
	}
	return isNamed(recv.Type(), "net/http", "Server") || f.isRouter(recv.Type())
}

// served returns where the http.Server of a site is made, or the router that serves by itself.
func (f *flow) served(site Site) []origin {
	if site.outer != nil {
		site = *site.outer
	}
	s := source{pkg: site.pkg}
	switch n := site.node.(type) {
	case *ast.CompositeLit:
		return f.origins(s.with(n))
	case *ast.AssignStmt:
		for _, left := range n.Lhs {
			if sel, ok := ast.Unparen(left).(*ast.SelectorExpr); ok {
				return f.origins(f.receiver(s, sel))
			}
		}
	case *ast.CallExpr:
		if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && site.pkg.TypesInfo.Selections[sel] != nil {
			return f.origins(f.receiver(s, sel))
		}
	}
	return nil
}
