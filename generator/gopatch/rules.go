package gopatch

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A rule says what a call of a router's method registers.
type rule struct {
	does   effect
	method string // of the requests; empty for any, or for what an argument says
	args   []role
	below  bool // everything below the path, too
}

type effect int

const (
	answers effect = iota // a handler answers the path
	catches               // a handler answers what no route matches
	parts                 // the result is the router itself below the path, or for some requests only
	calls                 // a function is called with the router itself below the path
	mounts                // a handler answers the path and below, and sees paths without it
	uses                  // functions stand in front of the routes
	hands                 // a function that cannot be looked into gets the router
	chains                // nothing is registered; the result, if any, is the router
)

// A role is what an argument is.
type role int

const (
	otherArg     role = iota
	pathArg           // or pattern, which may begin with a method and a host
	beginningArg      // of paths
	methodArg         // one, or a list
	hostArg           // that requests name
	handlerArg        // or the function that is called
)

// verbs are the rules of methods that are named like those of HTTP.
func verbs(spell func(string) string, args ...role) map[string]rule {
	rules := make(map[string]rule)
	for _, name := range []string{"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"} {
		rules[spell(name)] = rule{method: name, args: args}
	}
	return rules
}

// title spells GET as Get.
func title(name string) string { return name[:1] + strings.ToLower(name[1:]) }

// ruleOf returns the rule for a call, the router that has it, and what is called on it; ok is false for any other call.
func (f *flow) ruleOf(s source, call *ast.CallExpr) (r rule, of *router, on source, ok bool) {
	fn := f.callee(s.pkg, call)
	if fn == nil || fn.Pkg() == nil {
		return rule{}, nil, source{}, false
	}
	of = f.routers[fn.Pkg().Path()]
	if of == nil || !of.registers(fn) {
		return rule{}, nil, source{}, false
	}
	sel, isMethod := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if fn.Signature().Recv() == nil {
		on = source{pkg: s.pkg, field: defaultServeMux(fn.Pkg())}
	} else if isMethod {
		on = f.receiver(s, sel)
	}
	r, known := of.rules[fn.Name()]
	if !known {
		r.does = chains
	}
	return r, of, on, on.pkg != nil
}

// registers says whether a function is a method of a type that has routes, or one of net/http's for the default mux.
func (r *router) registers(fn *types.Func) bool {
	if fn.Signature().Recv() == nil {
		_, ok := r.rules[fn.Name()]
		return ok && r.path == "net/http"
	}
	receiver, _, _ := strings.Cut(localName(fn.Origin()), ".")
	return slices.Contains(r.muxes, receiver)
}

func defaultServeMux(http *types.Package) *types.Var {
	v, _ := http.Scope().Lookup("DefaultServeMux").(*types.Var)
	return v
}

// receiver is what a method is called on: where it is that of an embedded router, that one.
func (f *flow) receiver(s source, sel *ast.SelectorExpr) source {
	selection := s.pkg.TypesInfo.Selections[sel]
	if selection == nil {
		return source{}
	}
	t, path := selection.Recv(), selection.Index()
	on := s.with(sel.X)
	for _, index := range path[:len(path)-1] {
		fields, ok := structOf(t)
		if !ok || f.isRouter(t) {
			break
		}
		field := fields.Field(index).Origin()
		on = source{pkg: s.pkg, field: field}
		t = field.Type()
	}
	return on
}

// isRouter says whether routes are registered on values of a type.
func (f *flow) isRouter(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	r := f.routers[named.Obj().Pkg().Path()]
	return r != nil && slices.Contains(r.muxes, named.Obj().Name())
}

// partOf returns what a call of a router's method returns of it.
func (f *flow) partOf(s source, call *ast.CallExpr) (part, bool) {
	rule, router, on, ok := f.ruleOf(s, call)
	if !ok {
		return part{}, false
	}
	if rule.does != parts {
		return part{router: on}, f.isRouter(s.pkg.TypesInfo.TypeOf(call))
	}
	return part{router: on, at: f.scopeOf(s, rule, router, call)}, true
}

// scopeOf returns what the arguments of a call say of requests.
func (f *flow) scopeOf(s source, rule rule, router *router, call *ast.CallExpr) scope {
	var of scope
	if rule.method != "" {
		of.methods = []string{rule.method}
	}
	for i, arg := range call.Args {
		switch rule.role(i) {
		case pathArg:
			of = of.withPath(f.text(s, arg), router.syntax)
		case beginningArg:
			of = of.withPath(f.text(s, arg), wholeTree)
		case methodArg:
			of.methods = append(of.methods, f.list(s, arg)...)
		case hostArg:
			of.host = f.text(s, arg).value
		}
	}
	of.pattern.below = of.pattern.below || rule.below || rule.does == mounts
	return of
}

// role returns that of an argument. The last one of a rule is that of all that follow.
func (r rule) role(i int) role {
	if len(r.args) == 0 {
		return otherArg
	}
	return r.args[min(i, len(r.args)-1)]
}
