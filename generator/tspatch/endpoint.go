package tspatch

import (
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

const wellKnown = "/.well-known/oauth-protected-resource" // RFC 9728 section 3

// endpoint returns where MCP fits: at wanted, or when that is empty at / if it is certain that nothing answers there, and
// otherwise at /mcp. The error is a Refusal: a path is taken.
//
// Certain is only what this file shows of a variable. An application that it hands to others, exports or gives middleware that
// is not known may answer anything.
func (p *program) endpoint(a app, wanted string) (string, error) {
	mcpPath := wanted
	if mcpPath == "" {
		mcpPath = "/mcp"
		if a.name != "" && !strings.Contains(a.name, ".") && p.leavesRoot(a) {
			mcpPath = "/"
		}
	}
	for _, r := range p.routes() {
		switch r.path {
		case mcpPath:
			if a.name != "" && !strings.HasSuffix(p.text[:p.tokens[r.at-3].start], a.name) {
				continue // a router may be mounted anywhere
			}
			return "", taken(p.Position(p.tokens[r.at].start), mcpPath+" is registered here; choose another path with --mcp-path")
		case wellKnown, strings.TrimSuffix(wellKnown+mcpPath, "/"):
			return "", taken(p.Position(p.tokens[r.at].start), r.path+" is registered here: the program tells clients of an authorization server of its own")
		}
	}
	return mcpPath, nil
}

func taken(position, reason string) error {
	return &refusal.Refusal{Code: refusal.CodeRoute, Position: position, Reason: reason}
}

// A route is a path that a call names: app.get("/x", …), or router.get of any name.
type route struct {
	path string
	at   int // the token of the path
}

// methods are those of applications that register what answers a path, whatever is below it.
func methods() []string {
	return []string{"get", "post", "put", "delete", "patch", "head", "options", "all", "route"}
}

func (p *program) routes() []route {
	var list []route
	for i := range p.tokens {
		if p.is(i, ".") && p.is(i+1, methods()...) && p.is(i+2, "(") && p.isKind(i+3, text) && p.is(i+4, ",", ")") {
			if name := p.unquoted(i + 3); strings.HasPrefix(name, "/") && !(p.is(i+1, "get") && p.is(i+4, ")")) {
				list = append(list, route{name, i + 3})
			}
		}
	}
	return list
}

// leavesRoot says whether it is certain that the application answers nothing at /.
func (p *program) leavesRoot(a app) bool {
	for i := range p.tokens {
		if p.isKind(i, template) && hasWord([]byte(p.at(i)), a.name) {
			return false
		}
		if i >= a.made.first && i < a.made.end || !strings.HasPrefix(p.text[p.tokens[i].start:], a.name) || !p.isKind(i, word) {
			continue
		}
		end := p.tokens[i].start + len(a.name)
		last := slices.IndexFunc(p.tokens[i:], func(t token) bool { return t.end == end })
		if last < 0 || p.is(i-1, ".", "?.") {
			continue
		}
		if !p.harmlessUse(i, i+last+1) {
			return false
		}
	}
	return true
}

// harmlessUse says whether the mention of the application up to the token at after leaves / alone.
func (p *program) harmlessUse(first, after int) bool {
	switch {
	case p.is(first-1, "const", "let", "var") || p.is(after, "=", ":"):
		return !p.is(first-2, "export")
	case p.is(first-1, "(") && p.is(first-2, "createServer") && p.is(after, ")"):
		return true
	case !p.is(after, ".") || !p.is(after+2, "("):
		return false
	}
	argument := after + 3
	switch {
	case p.is(after+1, "listen", "set", "enable", "disable", "on"):
		return true
	case p.is(after+1, "use") && p.isHarmlessCall(argument):
		return true
	case p.is(after+1, append(methods(), "use")...):
		name := p.unquoted(argument)
		return len(name) > 1 && name[0] == '/' && !strings.ContainsAny(name[1:2], ":*(?+{") && p.is(argument+1, ",", ")")
	}
	return false
}

// isHarmlessCall says whether the only argument, which begins at i, is middleware that answers nothing but preflights.
func (p *program) isHarmlessCall(i int) bool {
	for p.is(i+1, ".") {
		i += 2
	}
	return p.is(i, "json", "urlencoded", "text", "raw", "cors", "helmet", "morgan", "compression", "cookieParser") && p.is(i+1, "(") && p.is(p.tokens[i+1].pair+1, ")")
}
