package gopatch

import (
	"net/url"
	"strings"
)

// A PublicRoute is a pattern of http.ServeMux, taken apart: the patched program reads it without a mux, since GODEBUG may
// make those take methods and wildcards for text.
type PublicRoute struct {
	Method, Host string   // empty for any
	Segments     []string // of the path, where {} is any text
	Below        bool     // and everything below, but not the path itself
}

// PublicRoutes returns the patterns that need no token. They are ones that CheckPublic takes.
func (e Endpoint) PublicRoutes() []PublicRoute {
	var list []PublicRoute
	for _, pattern := range e.Public {
		list = append(list, publicRouteOf(pattern))
	}
	return list
}

func publicRouteOf(pattern string) PublicRoute {
	var r PublicRoute
	if at := strings.IndexAny(pattern, " \t"); at >= 0 {
		r.Method, pattern = pattern[:at], strings.TrimLeft(pattern[at:], " \t")
	}
	host, path, _ := strings.Cut(pattern, "/")
	r.Host = host
	parts := strings.Split(path, "/")
	for i, segment := range parts {
		switch last := i == len(parts)-1; {
		case last && (segment == "" || strings.HasSuffix(segment, "...}")):
			r.Below = true
			return r
		case segment == "{$}":
			segment = ""
		case strings.HasPrefix(segment, "{"):
			segment = "{}"
		default:
			if plain, err := url.PathUnescape(segment); err == nil {
				segment = plain
			}
		}
		r.Segments = append(r.Segments, segment)
	}
	return r
}
