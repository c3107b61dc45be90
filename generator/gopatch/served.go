package gopatch

import (
	"cmp"
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// mcp returns the routes of a server at which it answers MCP by itself.
func (r Routing) mcp() []Route {
	return slices.DeleteFunc(slices.Clone(r.Routes), func(route Route) bool { return len(route.mcp) == 0 })
}

// servesMCP returns the position of a transport of MCP that the program makes; empty where it makes none.
func (s *Survey) servesMCP() string {
	if made := s.flow.makes(); len(made) > 0 {
		return s.module.Position(made[0].call.Pos())
	}
	return ""
}

// chooseMCP is Choose for a program that answers MCP by itself: the server that does is meant.
func (s *Survey) chooseMCP(position string) (Server, error) {
	if position != "" {
		return s.at(position)
	}
	var serving, unclear []Server
	for _, server := range s.Servers {
		switch routing := s.Routing(server); {
		case len(routing.mcp()) > 0:
			serving = append(serving, server)
		case server.Decoy == "" && len(routing.Routes) == 0 && len(routing.Unknown) > 0:
			unclear = append(unclear, server) // it may lead to the other
		}
	}
	one, modes := s.united(serving)
	switch {
	case len(serving)+len(unclear) == 0:
		return Server{}, s.unseen()
	case len(unclear) == 0 && modes:
		return one.patchable()
	case len(serving)+len(unclear) > 1:
		return Server{}, &refusal.Refusal{
			Code: refusal.CodeMulti, Reason: fmt.Sprintf("the program answers MCP, and has %d servers that may; choose the one that clients reach:", len(serving)+len(unclear)),
			ByHand: s.list(),
		}
	}
	return unclear[0].patchable()
}

// unseen refuses a program whose transport is served out of sight.
func (s *Survey) unseen() *refusal.Refusal {
	return &refusal.Refusal{
		Code: refusal.CodeMCP, Position: s.servesMCP(), Reason: "the program answers MCP, but where it serves this cannot be seen; serve it so, and run this again:",
		ByHand: s.seen(s.flow.makes()[0]),
	}
}

// existing returns the endpoint that the server has. The error is a Refusal.
func (s *Survey) existing(server Server, wanted string) (Endpoint, error) {
	routing := s.Routing(server)
	routes := routing.mcp()
	if len(routes) == 0 && len(routing.Routes) > 0 {
		return Endpoint{}, &refusal.Refusal{Code: refusal.CodeMCP, Position: s.servesMCP(), Reason: "the program answers MCP already, and not on the server that you chose; choose that one:", ByHand: s.answering()}
	}
	if err := s.ownAuth(routing); err != nil {
		return Endpoint{}, err
	}
	for _, site := range server.Sites {
		if kind := site.wrapper(); kind == WrapFiber2 || kind == WrapFiber3 {
			return Endpoint{}, &refusal.Refusal{Code: refusal.CodeFramework, Position: site.Position, Reason: "fiber has no handler of net/http in front of which MCP could be protected; serve it so, and run this again:", ByHand: s.seen(s.flow.makes()[0])}
		}
	}
	e := Endpoint{Renamed: s.renamings(), SDK: s.sdk(routes), Starts: server.starts()}
	if listed := s.patterns(server, routing); listed != nil {
		e.Patterns = listed
	} else {
		e.Open = routing.open()
	}
	var err error
	if e.Path, err = s.mcpPath(routes, wanted, e); err != nil {
		return Endpoint{}, err
	}
	for _, r := range routing.Routes {
		if r.pattern.names(healthPath) && r.reads() {
			e.OwnHealth = r.Position
		}
	}
	return e, nil
}

// starts says whether mcp-go listens at one of the sites.
func (s Server) starts() bool {
	return slices.ContainsFunc(s.Sites, func(site Site) bool { return site.wrapper() == WrapStart })
}

// sdk is the SDK of the routes, or of what the program makes.
func (s *Survey) sdk(routes []Route) string {
	for _, r := range routes {
		return r.mcp[0].sdk
	}
	return madeBy(s.flow.makes()[0].fn).sdk
}

// patterns are those of the paths of MCP; nil where it cannot be told what they are.
func (s *Survey) patterns(server Server, routing Routing) []string {
	if s.rewrites() || server.starts() {
		return nil
	}
	reached := make(map[ast.Node]bool)
	var patterns []string
	for _, r := range routing.mcp() {
		for _, a := range r.mcp {
			for _, call := range s.flow.made(a) {
				reached[call] = true
			}
		}
		if !r.whole() || r.pattern.open || r.pattern.below && len(r.pattern.segments) == 0 {
			return nil
		}
		pattern := "/" + strings.ToLower(strings.Join(r.pattern.segments, "/"))
		if !matchable(r.pattern) {
			return nil
		}
		if r.pattern.below {
			pattern += "/"
		}
		patterns = append(patterns, pattern)
	}
	// What is made but not seen to be served may be at any path.
	if slices.ContainsFunc(s.flow.makes(), func(c called) bool { return !reached[c.call] }) {
		return nil
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}

// matchable says whether path.Match reads the segments as they are meant.
func matchable(p pattern) bool {
	return !slices.ContainsFunc(p.segments, func(s string) bool { return s != wildcard && strings.ContainsAny(s, `*?[\`) })
}

// open are the other routes that take all of what they are for: exact paths, with a method where they have one. Anything
// more could be taken by MCP.
func (r Routing) open() []string {
	var list []string
	for _, route := range r.Routes {
		exact := !route.pattern.below && !route.pattern.open && !slices.Contains(route.pattern.segments, wildcard)
		if !exact || len(route.mcp) > 0 || route.Host != "" || route.Path != "/"+strings.Join(route.pattern.segments, "/") {
			continue
		}
		if len(route.Methods) == 0 {
			list = append(list, route.Path)
		}
		for _, method := range route.Methods {
			list = append(list, method+" "+route.Path)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// mcpPath returns the path of the endpoint: the one that is wanted if MCP is answered there, or the only one there is.
func (s *Survey) mcpPath(routes []Route, wanted string, e Endpoint) (string, error) {
	var streamable, older []string
	unknown := len(routes) == 0
	for _, r := range routes {
		at, known := s.pathOf(r)
		if !known {
			at = s.usual(r)
			known = at != ""
		}
		switch {
		case s.forMessages(r):
		case !known:
			unknown = true
		case r.mcp[0].sse:
			older = append(older, at)
		default:
			streamable = append(streamable, at)
		}
	}
	if wanted != "" {
		return spelling(routes, wanted, unknown || len(e.Patterns) == 0)
	}
	paths := distinct(streamable)
	if len(paths) == 0 {
		paths = distinct(older)
	}
	if unknown || len(paths) != 1 {
		return "", &refusal.Refusal{
			Code: refusal.CodePath, Position: position(routes), Reason: "the path at which the program answers MCP is not certain from its source; name the one that clients use with --mcp-path",
			ByHand: paths,
		}
	}
	return paths[0], nil
}

func position(routes []Route) string {
	if len(routes) == 0 {
		return ""
	}
	return routes[0].Position
}

// distinct leaves out paths that differ from an earlier one in a trailing slash.
func distinct(paths []string) []string {
	var list []string
	for _, p := range paths {
		if !slices.ContainsFunc(list, func(other string) bool { return trimmed(other) == trimmed(p) }) {
			list = append(list, p)
		}
	}
	return list
}

func trimmed(p string) string { return strings.TrimSuffix(p, "/") }

// spelling returns the wanted path as the program writes it. anywhere says that it may be one that is not known.
func spelling(routes []Route, wanted string, anywhere bool) (string, error) {
	for _, r := range routes {
		if r.pattern.matches(wanted) {
			if trimmed(r.Path) == trimmed(wanted) {
				return r.Path, nil
			}
			return wanted, nil
		}
	}
	if anywhere {
		return wanted, nil
	}
	return "", &refusal.Refusal{Code: refusal.CodePath, Position: position(routes), Reason: "the program does not answer MCP at " + wanted}
}

// pathOf returns the path of a route, and whether it is one path, and known.
func (s *Survey) pathOf(r Route) (string, bool) {
	if !r.whole() {
		return "", false
	}
	if len(r.pattern.segments) > 0 || !r.pattern.below {
		exact := !r.pattern.open && !slices.Contains(r.pattern.segments, wildcard)
		return r.Path, exact
	}
	if r.mcp[0].sdk != MCPGo {
		return "/", true
	}
	at, known := "", false
	for _, call := range s.flow.made(r.mcp[0]) {
		next, ok := s.defaultPath(call, r.mcp[0].sse)
		if known && next != at || !ok {
			return "", false
		}
		at, known = next, true
	}
	return at, known
}

// whole says whether the path is known to its end.
func (r Route) whole() bool { return !strings.HasSuffix(r.Path, "…") }

// defaultPath is where a transport of mcp-go answers that has all paths to itself.
func (s *Survey) defaultPath(call *ast.CallExpr, sse bool) (string, bool) {
	if !sse {
		at, ok := s.flow.option(call, "WithEndpointPath", "/mcp")
		return "/" + strings.Trim(at, "/"), ok
	}
	at, ok := s.flow.option(call, "WithSSEEndpoint", "/sse")
	for _, name := range []string{"WithStaticBasePath", "WithBasePath"} {
		base, known := s.flow.option(call, name, "")
		at, ok = path.Join("/", base, at), ok && known
	}
	return at, ok
}

// forMessages says whether the route is that to which clients of the older transport post.
func (s *Survey) forMessages(r Route) bool {
	if r.mcp[0].sdk != MCPGo || !r.mcp[0].sse {
		return false
	}
	for _, call := range s.flow.made(r.mcp[0]) {
		if at, _ := s.flow.option(call, "WithMessageEndpoint", "/message"); strings.HasSuffix(trimmed(r.Path), cmp.Or(trimmed(at), "/message")) {
			return true
		}
	}
	return false
}
