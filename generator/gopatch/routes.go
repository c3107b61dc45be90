package gopatch

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Route is what a server answers, as far as its source tells.
type Route struct {
	Methods  []string // none for any
	Host     string   // empty for any
	Path     string   // as the program writes it, below what it is mounted at: /api/{id}
	Below    bool     // everything below the path, too
	Position string   // file:line

	pattern pattern
	mcp     []answered // what answers MCP there; none for any other route
	written source     // the path as an expression; of routes of MCP
}

// Example returns a path that the route answers.
func (r Route) Example() string {
	parts := slices.Clone(r.pattern.segments)
	for i := range parts {
		if parts[i] == wildcard {
			parts[i] = "x"
		}
	}
	return "/" + strings.Join(parts, "/")
}

// A Routing is what a server answers.
type Routing struct {
	Routes []Route
	// Unknown is what may answer more than can be told: each with the part of the paths that reach it.
	Unknown []Route
}

// Routing returns the routes of a server: of each of its sites, in the order of their paths.
func (s *Survey) Routing(server Server) Routing {
	l := lister{flow: s.flow, seen: make(map[any]bool)}
	for _, site := range server.Sites {
		l.site(site)
	}
	return Routing{sorted(l.Routes), sorted(l.Unknown)}
}

func sorted(routes []Route) []Route {
	slices.SortStableFunc(routes, func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), slices.Compare(a.Methods, b.Methods), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Position, b.Position))
	})
	return slices.CompactFunc(routes, func(a, b Route) bool {
		same := slices.EqualFunc(a.mcp, b.mcp, func(one, other answered) bool { return one.value.pos() == other.value.pos() })
		return same && a.Path == b.Path && a.Host == b.Host && a.Position == b.Position && slices.Equal(a.Methods, b.Methods)
	})
}

type lister struct {
	flow *flow
	seen map[any]bool
	Routing
}

// everything is the scope of a server.
func everything() scope { return scope{text: "/", pattern: pattern{below: true}} }

func (l *lister) site(site Site) {
	if site.stdio {
		return
	}
	s := source{pkg: site.pkg, expr: site.handler}
	switch {
	case isNil(site):
		s = source{pkg: site.pkg, field: defaultServeMux(httpOf(site.pkg.Types))}
	case site.method != nil:
		s = l.flow.receiver(s, site.method)
	}
	if s.expr == nil && s.field == nil {
		l.unknown(everything(), site.node.Pos())
		return
	}
	l.behind(l.flow.behind(s, scope{}, everything()), everything())
}

// behind notes the routes of what is behind a handler that answers at a scope.
func (l *lister) behind(b behind, at scope) {
	l.list(b.routers)
	for _, mcp := range b.mcp {
		r := l.found(at, mcp.value.pos())
		r.mcp = []answered{mcp}
		l.Routes = append(l.Routes, r)
	}
	for _, pos := range b.opaque {
		l.unknown(at, pos)
	}
}

func (l *lister) list(routers []reached) {
	for _, r := range routers {
		made := r.router.made()
		if l.seen[made] {
			continue // a router that is mounted below itself
		}
		l.seen[made] = true
		for _, entry := range l.flow.registered[made] {
			if scope, ok := r.base.joined(entry.scope).within(r.limit); ok {
				l.entry(entry.entry, scope, r.base, r.by)
			}
		}
		delete(l.seen, made)
	}
}

// entry notes a route, or those of the router that the path leads to.
func (l *lister) entry(e *entry, at, base scope, by []ast.Node) {
	if e.rule.does == hands {
		l.unknown(at, e.node.Pos())
		return
	}
	var answers []answered
	if e.handler != nil {
		if e.rule.does == mounts {
			base = at
			base.methods = nil
		}
		b := l.flow.behind(e.in.with(e.handler), base, at, by...)
		if len(b.routers) > 0 {
			l.behind(b, at)
			return
		}
		answers = b.mcp
	}
	r := l.found(at, e.node.Pos())
	if r.mcp = answers; len(answers) > 0 {
		r.written = e.path()
	}
	l.Routes = append(l.Routes, r)
}

// path is the argument that says where an entry is registered.
func (e *entry) path() source {
	if e.call == nil {
		return source{}
	}
	for i, arg := range e.call.Args {
		if e.rule.role(i) == pathArg {
			return e.in.with(arg)
		}
	}
	return source{}
}

func (l *lister) found(at scope, pos token.Pos) Route {
	return Route{
		Methods: at.methods, Host: at.host, Path: cmp.Or(at.text, "/"), Below: at.pattern.below, Position: l.flow.module.Position(pos),
		pattern: at.pattern,
	}
}

func (l *lister) unknown(at scope, pos token.Pos) {
	l.Unknown = append(l.Unknown, l.found(at, pos))
}

// httpOf returns net/http, as a package that serves sees it.
func httpOf(p *types.Package) *types.Package {
	for _, imported := range p.Imports() {
		if imported.Path() == "net/http" {
			return imported
		}
	}
	return nil
}
