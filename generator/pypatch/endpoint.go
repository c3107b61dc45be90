package pypatch

import (
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

const wellKnown = "/.well-known/oauth-protected-resource" // RFC 9728 section 3

// endpoint returns the path of the MCP endpoint: the wanted one, or / where nothing answers that, or /mcp. The error is a
// Refusal: a path that is needed is taken, or the program does already what is to be added.
func (p *program) endpoint(files []*source, r routing, wanted string) (string, error) {
	if err := p.own(files, r); err != nil {
		return "", err
	}
	path := wanted
	if path == "" {
		path = "/mcp"
		if r.answers("/") == "" {
			path = "/"
		}
	}
	for _, needed := range []string{path, wellKnown, wellKnown + strings.TrimSuffix(path, "/")} {
		if at := r.named(needed); at != "" {
			return "", &refusal.Refusal{Code: refusal.CodeRoute, Position: at, Reason: needed + " is registered here; choose another path with --mcp-path"}
		}
	}
	return path, nil
}

// own refuses a program that answers MCP, or as an authorization server, by itself.
func (p *program) own(files []*source, r routing) error {
	for _, s := range files {
		for _, i := range s.imports() {
			if servesMCP(i) && len(p.candidates(s.Path, i)) == 0 {
				return &refusal.Refusal{
					Code: refusal.CodeMCP, Position: s.Position(s.statements[i.statement].start()),
					Reason: "the program serves MCP by itself, with " + strings.TrimSuffix(i.module+" "+i.name, " ") + "; a second endpoint beside it would be another server",
				}
			}
		}
	}
	for _, each := range r.routes {
		if strings.HasPrefix(each.path, "/.well-known/oauth-") || strings.HasPrefix(each.path, "/.well-known/openid-") {
			return &refusal.Refusal{Code: refusal.CodeAuth, Position: each.position, Reason: each.path + " is registered here: the program tells clients of an authorization server of its own"}
		}
	}
	return nil
}

// servesMCP says whether an import is of what serves MCP. Clients of it do not.
func servesMCP(i imported) bool {
	root, _, _ := strings.Cut(i.module, ".")
	switch root {
	case "fastapi_mcp":
		return true
	case "fastmcp":
		return i.name == "FastMCP" || i.name == "" && i.module == "fastmcp" || i.name == "*" || strings.HasPrefix(i.module, "fastmcp.server")
	case "mcp":
		return strings.HasPrefix(i.module, "mcp.server") || i.module == "mcp" && i.name == "server"
	}
	return false
}

// shadowed refuses where a module of the project hides a package that is needed.
func (p *program) shadowed(base string) error {
	if base == outside {
		return nil
	}
	for _, dir := range slices.Compact([]string{base, "."}) {
		for _, name := range []string{"fastmcp", "mcp", "mcp_types", "starlette", "fastapi", "httpx2", "cryptography"} {
			module := strings.TrimPrefix(dir+"/"+name, "./")
			if p.hasModule(module) {
				return &refusal.Refusal{
					Code: refusal.CodeShape, Position: module,
					Reason: "Python finds this in place of the package " + name + ", which the endpoint needs; give it another name",
				}
			}
		}
	}
	return nil
}
