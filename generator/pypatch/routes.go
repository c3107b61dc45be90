package pypatch

import (
	"slices"
	"strings"
)

// A route is a path that the program registers, as far as it is written out.
type route struct {
	path     string // with the prefix that its router has in the same file
	position string
	all      bool // it is for paths that begin so, too
}

// routing is what is known of the routes of a program.
type routing struct {
	routes  []route
	unknown string // where a route is registered that cannot be told; empty where there is none
}

// routed looks for routes by the texts that register them.
func (p *program) routed(files []*source) routing {
	var r routing
	for _, s := range files {
		prefixes := s.prefixes()
		for _, st := range s.statements {
			p.routeOf(s, st, prefixes, &r)
		}
	}
	return r
}

// routeOf adds the route that a statement registers: a decorator, or a call.
func (p *program) routeOf(s *source, st statement, prefixes map[string]string, r *routing) {
	tokens := st.tokens
	decorator := s.is(tokens, 0, "@")
	if decorator {
		tokens = tokens[1:]
	}
	name, n := s.dotted(tokens)
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || !s.is(tokens, n, "(") || st.header {
		return
	}
	receiver, method := name[:dot], name[dot+1:]
	arguments := s.split(tokens[n+1 : s.closing(tokens, n)])
	position := s.Position(st.start())
	if method == "include_router" {
		if included, _ := s.dotted(first(arguments)); included == "" || !p.ownModule(s, strings.Split(included, ".")[0]) {
			r.unknown = position
		}
		return
	}
	if !registers(method, decorator) {
		return
	}
	path, ok := s.argument(arguments, "path")
	if !ok {
		r.unknown = position
		return
	}
	path = prefixes[receiver] + path
	whole := slices.Contains([]string{"mount", "frontend"}, method)
	if brace := strings.IndexByte(path, '{'); brace >= 0 {
		path, whole = path[:brace], true
	}
	r.routes = append(r.routes, route{path: path, position: position, all: whole})
}

// registers says whether a method registers a route. As a decorator, that of each HTTP method does.
func registers(method string, decorator bool) bool {
	if decorator && slices.Contains([]string{"get", "post", "put", "patch", "delete", "head", "options", "trace", "api_route", "route", "websocket", "websocket_route"}, method) {
		return true
	}
	return slices.Contains([]string{"add_api_route", "add_route", "add_api_websocket_route", "add_websocket_route", "mount", "frontend"}, method)
}

func first(list [][]token) []token {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// argument returns the text of the first argument, or of the one with that keyword. It is not known where it is no plain string.
func (s *source) argument(arguments [][]token, keyword string) (string, bool) {
	for _, a := range arguments {
		if s.is(a, 0, keyword) && s.is(a, 1, "=") {
			return s.plain(a[2:])
		}
	}
	return s.plain(first(arguments))
}

// plain returns the value of a string without prefix and escapes.
func (s *source) plain(tokens []token) (string, bool) {
	if len(tokens) != 1 || tokens[0].kind != str {
		return "", false
	}
	text := s.text(tokens[0])
	if len(text) < 2 || strings.ContainsAny(text, "\\\n") || text[0] != '"' && text[0] != '\'' || strings.HasPrefix(text, `"""`) || strings.HasPrefix(text, "'''") {
		return "", false
	}
	return text[1 : len(text)-1], true
}

// prefixes are those of the routers of the file, by name.
func (s *source) prefixes() map[string]string {
	prefixes := make(map[string]string)
	for _, st := range s.statements {
		at := s.calls(st.tokens, []string{"APIRouter", "fastapi.APIRouter"})
		if at < 0 {
			continue
		}
		target, arguments := s.assigned(st, at)
		for _, a := range s.split(arguments) {
			if s.is(a, 0, "prefix") && s.is(a, 1, "=") {
				prefixes[target], _ = s.plain(a[2:])
			}
		}
	}
	return prefixes
}

// answers returns where a path may be answered by the program; empty where it certainly is not.
func (r routing) answers(path string) string {
	for _, each := range r.routes {
		if each.names(path) || each.all && strings.HasPrefix(path, each.path) {
			return each.position
		}
	}
	return r.unknown
}

// named returns where a path is registered as it is; empty where it is not.
func (r routing) named(path string) string {
	for _, each := range r.routes {
		if each.names(path) {
			return each.position
		}
	}
	return ""
}

// names says whether a route is for that very path. A router may be included without a path of its own: "" is "/" there.
func (r route) names(path string) bool {
	return strings.TrimSuffix(r.path, "/") == strings.TrimSuffix(path, "/") && (!r.all || r.path != "" && r.path != "/")
}
