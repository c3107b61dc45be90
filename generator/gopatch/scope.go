package gopatch

import (
	"slices"
	"strings"
)

// A scope says which requests a route, or a part of a router, answers.
type scope struct {
	text    string // the path, as the program writes it
	pattern pattern
	host    string   // empty for any
	methods []string // none for any
}

// joined is the scope of a route within s.
func (s scope) joined(route scope) scope {
	if route.text == "" && len(route.pattern.segments) == 0 && !route.pattern.below {
		route.text, route.pattern = s.text, s.pattern
	} else {
		route.text, route.pattern = joinPaths(s.text, route.text), s.pattern.joined(route.pattern)
	}
	if route.host == "" {
		route.host = s.host
	}
	if len(route.methods) == 0 {
		route.methods = s.methods
	}
	return route
}

func joinPaths(prefix, path string) string {
	if path == "" {
		return prefix
	}
	return strings.TrimSuffix(prefix, "/") + "/" + strings.TrimPrefix(path, "/")
}

// withPath adds a path, or a pattern with a method and a host as net/http knows it. Of a path that is not wholly known,
// everything is answered that begins like it.
func (s scope) withPath(t text, syntax syntax) scope {
	path := t.value
	if method, rest, ok := strings.Cut(path, " "); ok && !strings.Contains(method, "/") {
		s.methods, path = []string{method}, strings.TrimLeft(rest, " \t")
	}
	if at := strings.Index(path, "/"); at > 0 && syntax == standard {
		s.host, path = path[:at], path[at:]
	}
	s.text, s.pattern = path, parsePattern(path, syntax)
	if !t.whole {
		s.text = "/" + strings.TrimPrefix(s.text, "/") + "…"
		s.pattern.below, s.pattern.partly = true, true
		s.pattern.open = len(s.pattern.segments) > 0 && !strings.HasSuffix(path, "/")
	}
	return s
}

// within narrows the scope of a route to that of the handler which it belongs to: one that is wider takes no more
// than reaches it. ok is false where nothing does.
func (s scope) within(limit scope) (narrowed scope, ok bool) {
	a, b := s.pattern, limit.pattern
	for i := range min(len(a.segments), len(b.segments)) {
		if !a.meets(b.segments[i], i) && !b.meets(a.segments[i], i) {
			return scope{}, false
		}
	}
	if len(a.segments) < len(b.segments) && !a.below || len(b.segments) < len(a.segments) && !b.below {
		return scope{}, false
	}
	if len(a.segments) < len(b.segments) {
		s.text, s.pattern = limit.text, b
	}
	if s.host == "" {
		s.host = limit.host
	}
	if len(s.methods) == 0 {
		s.methods = slices.Clone(limit.methods)
	}
	return s, true
}
