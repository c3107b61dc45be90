package gopatch

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/packages"
)

// A router is a package that programs serve HTTP or register routes with. Each has a file of its own.
type router struct {
	name      string          // of the package, as files import it
	path      string          // import path
	muxes     []string        // names of its types that routes are registered on
	rules     map[string]rule // what their methods register, by name: Handle, Get
	syntax    syntax          // of the paths
	fallbacks []string        // names of fields for what no route matches
	sinks     map[string]sink // what serves, by name: ListenAndServe, Engine.Run
	engines   []string        // names of its types that serve by themselves
	wrapper   func(engine types.Type) string
	handled   func(*finder, Site) bool             // whether an engine is served as the handler that it is; nil where none is
	unfit     func(*finder, Site) *refusal.Refusal // why a site cannot be patched; nil where each can
}

// A sink is a function or method that serves.
type sink struct {
	served  int  // position of what it serves among the arguments, or receiver
	address int  // position of where, or none
	server  bool // its first argument is an http.Server that gets its handler from it
}

const (
	receiver = -1 // it is what the method is called on
	none     = -1
)

// routers are all that are known. A new one is a file and its name here.
func routers() []router {
	return []router{netHTTP(), chi(), chi5(), gorilla(), httprouter(), gin(), echo4(), echo5(), fiber2(), fiber3(), fasthttp(), mcpGo()}
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
	r := f.survey.flow.routers[pathOf(fn)]
	if r == nil {
		return
	}
	s, ok := r.sinks[localName(fn.Origin())]
	if !ok || s.served >= len(call.Args) || s.address >= len(call.Args) {
		return
	}
	site := Site{Kind: r.name + "." + fn.Name(), pkg: p, node: call, router: r}
	if s.address != none {
		site.Address = f.module.Text(call.Args[s.address])
	}
	if s.server {
		f.configured[f.holderOf(p, call.Args[0])] = true
	}
	if s.served != receiver {
		f.sites = append(f.sites, f.serving(site, call.Args[s.served], p.TypesInfo.TypeOf(call.Args[s.served])))
	} else if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		site.method = sel
		engine := promoted(p.TypesInfo.Selections[sel], &site)
		f.sites = append(f.sites, f.serving(site, sel.X, engine))
	}
}

// serving completes a site that serves a value: an engine of its router, or a handler of net/http.
func (f *finder) serving(site Site, value ast.Expr, t types.Type) Site {
	site.handler, site.Position, site.Handler = value, f.module.Position(value.Pos()), f.module.Text(value)
	if slices.ContainsFunc(site.router.engines, func(name string) bool { return isNamed(t, site.router.path, name) }) {
		if site.method != nil || site.router.handled == nil || !site.router.handled(f, site) {
			site.engine = t
		}
	}
	return site
}

// promoted returns the type of what the method is called on, and says in the site how to get there: through embedded
// fields, and by taking an address.
func promoted(selection *types.Selection, site *Site) types.Type {
	if selection == nil {
		return nil
	}
	t := selection.Recv()
	path := selection.Index()
	for _, i := range path[:len(path)-1] {
		fields, ok := structOf(t)
		if !ok {
			return nil
		}
		site.after += "." + fields.Field(i).Name()
		t = fields.Field(i).Type()
	}
	if _, pointer := types.Unalias(t).(*types.Pointer); !pointer {
		site.before = "&"
	}
	return t
}

// has says whether a named type, or what a pointer points to, has the field or method.
func has(t types.Type, name string) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	o, _, _ := types.LookupFieldOrMethod(types.NewPointer(named), true, named.Obj().Pkg(), name)
	return o != nil
}
