package replay

import (
	"slices"
	"strings"
)

// A Route is a path that the program registers.
type Route struct {
	Host     string `json:"host,omitempty"` // empty for any
	Pattern  string `json:"pattern"`        // as in the source, without method and host
	Position string `json:"position"`       // file:line
}

// Requests are what to ask about routes: each once with every method, its wildcards filled in, and then paths that no route
// is for. Paths that own says belong to the patch are left out.
func Requests(routes []Route, mcpPath string, own func(path string) bool) []Request {
	var requests []Request
	seen := make(map[string]bool)
	add := func(route Route, path string) {
		if seen[route.Host+path] || own(path) {
			return
		}
		seen[route.Host+path] = true
		for _, method := range Methods() {
			requests = append(requests, Request{Method: method, Host: fillSegment(route.Host), Path: path, Route: route.Pattern, Position: route.Position})
		}
	}
	for _, route := range routes {
		add(route, Fill(route.Pattern))
	}
	for _, path := range strangers(mcpPath) {
		add(Route{}, path)
	}
	return requests
}

// strangers are paths that a program names seldom: some near those of the patch, which must not take more than its own.
func strangers(mcpPath string) []string {
	near := strings.TrimSuffix(mcpPath, "/")
	paths := []string{
		"/", "/mcpauth-not-there", "/mcpauth/not/there/", "/%2e%2e/mcpauth-not-there", "//mcpauth-not-there", "/health/", "/healthy", "/health/not-there",
		"/.well-known/", "/.well-known/mcpauth-not-there", "/.well-known/oauth-protected-resource-not-there", "/.well-known/oauth-protected-resource/not-there",
	}
	if near != "" {
		paths = append(paths, near+"-not-there", near+"/not-there")
	}
	return paths
}

// filling is what stands for a wildcard: it looks like a number and like a name.
const filling = "1"

// Fill makes a path of a pattern: of the wildcards {name}, {name...}, {name:expression}, :name, *name and *.
func Fill(pattern string) string {
	segments := split(strings.TrimSuffix(pattern, "{$}"))
	for i, segment := range segments {
		segments[i] = fillSegment(segment)
	}
	path := strings.Join(segments, "/")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// split splits at slashes outside of braces.
func split(pattern string) []string {
	var segments []string
	depth, start := 0, 0
	for i, c := range pattern {
		switch {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == '/' && depth <= 0:
			segments = append(segments, pattern[start:i])
			start = i + 1
		}
	}
	return append(segments, pattern[start:])
}

func fillSegment(segment string) string {
	for {
		open := strings.IndexByte(segment, '{')
		end := closing(segment, open)
		if open < 0 || end < 0 {
			break
		}
		segment = segment[:open] + filling + segment[end+1:]
	}
	if at := strings.IndexAny(segment, ":*"); at >= 0 {
		segment = segment[:at] + filling
	}
	return escape(segment)
}

// closing is where the brace that opens at a position closes.
func closing(segment string, open int) int {
	depth := 0
	for i := max(open, 0); i < len(segment); i++ {
		switch segment[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// escape escapes what no path may hold (RFC 3986 section 3.3). Escapes stay as they are.
func escape(segment string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(segment) {
		if slices.Contains([]byte(`?#[]<>"\^`+"`{|} "), c) || c < ' ' || c > '~' {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
