package gopatch

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/packages"
)

// A router is a package that programs serve HTTP or register routes with. Each has a file of its own.
type router struct {
	name      string          // that people call it by
	path      string          // import path
	muxes     []string        // names of its types that routes are registered on
	rules     map[string]rule // what their methods register, by name: Handle, Get
	syntax    syntax          // of the paths
	fallbacks []string        // names of fields for what no route matches
	sinks     map[string]sink // what serves, by name: ListenAndServe, Engine.Run
	wrapper   string          // kind of the wrapper for what the sinks serve; empty where there is none
	byHand    string          // what to do instead, where there is no wrapper
}

// A sink is a function or method that serves.
type sink struct {
	served  int // position of what it serves among the arguments, or receiver
	address int // position of where, or none
}

const (
	receiver = -1 // it is what the method is called on
	none     = -1
)

// routers are all that are known. A new one is a file and its name here.
func routers() []router {
	return []router{netHTTP(), chi(), chi5(), gorilla(), httprouter(), gin(), echo4(), echo5(), fiber2(), fiber3(), fasthttp()}
}

// routerOf returns the router that a function of a package belongs to; nil for any other package.
func routerOf(fn *types.Func) *router {
	list := routers()
	i := slices.IndexFunc(list, func(r router) bool { return fn.Pkg() != nil && fn.Pkg().Path() == r.path })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// localName is the name of a function in its package: ListenAndServe, or Engine.Run for a method.
func localName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok {
		return fn.Name()
	}
	return named.Obj().Name() + "." + fn.Name()
}

// sink notes the call of a function that serves.
func (f *finder) sink(p *packages.Package, call *ast.CallExpr, fn *types.Func) {
	r := routerOf(fn)
	if r == nil {
		return
	}
	s, ok := r.sinks[localName(fn.Origin())]
	served := s.expression(call)
	if !ok || served == nil {
		return
	}
	site := f.site(p, call, r.name+"."+fn.Name(), served)
	site.wrapper = r.wrapper
	if s.address != none && s.address < len(call.Args) {
		site.Address = f.module.Text(call.Args[s.address])
	}
	if r.wrapper == "" {
		site.refused = &Refusal{
			Code: CodeFramework, Position: site.Position, Reason: r.name + " serves by itself, which this version does not patch; instead of " + f.module.Text(call) + ":",
			ByHand: []string{r.byHand},
		}
	}
	f.sites = append(f.sites, site)
}

// expression returns what a call of the sink serves; nil where the call has no such part.
func (s sink) expression(call *ast.CallExpr) ast.Expr {
	if s.served != receiver {
		if s.served < len(call.Args) {
			return call.Args[s.served]
		}
		return nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}
