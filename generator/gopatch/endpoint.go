package gopatch

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// An Endpoint is where MCP will be found.
type Endpoint struct {
	Path      string
	OwnHealth string // where the program registers a /health of its own, which is kept; empty if it does not
}

// Endpoint returns where MCP fits into the server: at wanted, or when that is empty at / if nothing answers there, and
// otherwise at /mcp. The error is a Refusal: a path is taken.
//
// Any method counts: clients of MCP also GET the endpoint, so a page that is there would have to go.
func (s *Survey) Endpoint(server Server, wanted string) (Endpoint, error) {
	path := wanted
	if path == "" {
		path = "/mcp"
		if s.rootIsFree(server) {
			path = "/"
		}
	}
	const wellKnown = "/.well-known/oauth-protected-resource"
	for _, needed := range []string{path, wellKnown, strings.TrimSuffix(wellKnown+path, "/")} {
		if r, taken := s.Answers(needed); taken {
			return Endpoint{}, &Refusal{Code: CodeRoute, Position: r.Position, Reason: needed + " is registered here; choose another path with --mcp-path"}
		}
	}
	e := Endpoint{Path: path}
	if r, taken := s.Answers("/health"); taken {
		e.OwnHealth = r.Position
	}
	return e, nil
}

// rootIsFree says whether it is certain that no site answers the path /: its handler is a router whose routes are known.
func (s *Survey) rootIsFree(server Server) bool {
	if s.answersRoot() {
		return false
	}
	for _, site := range server.Sites {
		if !isNil(site) && !isMux(site) {
			return false
		}
	}
	return true
}

func isMux(site Site) bool {
	t := site.pkg.TypesInfo.TypeOf(site.handler)
	if call, ok := ast.Unparen(site.handler).(*ast.CallExpr); ok {
		if fn := typeutil.StaticCallee(site.pkg.TypesInfo, call); fn != nil {
			t = fn.Signature().Results().At(0).Type()
		}
	}
	return isRouterType(t)
}

func isRouterType(t types.Type) bool {
	for _, r := range routers() {
		if slices.ContainsFunc(r.muxes, func(name string) bool { return isNamed(t, r.path, name) }) {
			return true
		}
	}
	return false
}
