package gopatch

import (
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// An Endpoint is where MCP will be found.
type Endpoint struct {
	Path      string
	OwnHealth string // where the program registers a /health of its own, which is kept; empty if it does not
	// AsksHealth says that the program is asked for /health, as it may have one: a route for everything may answer it, or one
	// that cannot be told.
	AsksHealth bool
	// Shadowed are the routes that no longer see some paths.
	Shadowed []Shadowed
	// All says that every route needs a token but the Public ones, which are patterns of http.ServeMux; otherwise MCP alone.
	All    bool
	Public []string
	// Preflights says that CORS preflights are public too.
	Preflights bool
	// Guarded are the program's routes that start to need a token; what else it may answer does, too.
	Guarded []Route
	// Renamed are the settings that are read by another name.
	Renamed []Renaming

	// Of an endpoint that is there already:
	SDK      string   // GoSDK or MCPGo; empty for one that is added
	Patterns []string // of paths that need a token, where * is any segment and a last slash all below; empty: every path but Open
	Open     []string // the program's other paths
	Starts   bool     // the SDK listens
	Stdio    bool     // it is served over stdio, and gets HTTP besides
}

// Traits say what kind of patch the endpoint takes, for choosing files.
func (e Endpoint) Traits() []string {
	settings := "plain-settings"
	if len(e.Renamed) > 0 {
		settings = "renamed-settings"
	}
	switch {
	case e.SDK == "":
		return e.added(settings)
	case e.Stdio && e.SDK == GoSDK:
		return []string{"stdio", e.SDK, "handles"}
	case e.Stdio:
		return []string{"stdio", e.SDK}
	}
	traits := []string{"served", e.SDK, settings, "everywhere"}
	if len(e.Patterns) > 0 {
		traits[3] = "listed"
	}
	if e.Starts {
		traits = append(traits, "starts")
	}
	return traits
}

// added are the traits of an endpoint that was not there before.
func (e Endpoint) added(settings string) []string {
	traits := []string{"added", "handles", settings, "protect-mcp", "kept-health"}
	if e.All {
		traits[3] = "protect-all"
	}
	if e.AsksHealth {
		traits[4] = "asked-health"
	}
	return traits
}

// A Shadowed route answered paths of ours before: it is for more than them.
type Shadowed struct {
	Route Route
	Paths []string
}

const (
	wellKnown  = "/.well-known/oauth-protected-resource" // RFC 9728 section 3
	healthPath = "/health"
)

// Endpoint returns where MCP fits into the server: at wanted, or when that is empty at / if nothing answers there, and
// otherwise at /mcp. The error is a Refusal: a path is taken.
//
// Whatever the method of a route is, the path is taken: clients of MCP also GET the endpoint, so a page that is there
// would have to go.
func (s *Survey) Endpoint(server Server, wanted string) (Endpoint, error) {
	if server.Stdio() {
		return s.beside(server, wanted)
	}
	if s.servesMCP() != "" {
		return s.existing(server, wanted)
	}
	routing := s.Routing(server)
	e := Endpoint{Path: wanted, Renamed: s.renamings()}
	if wanted == "" {
		e.Path = "/mcp"
		if routing.free("/") {
			e.Path = "/"
		}
	}
	for _, needed := range e.paths() {
		for _, r := range routing.Routes {
			if r.pattern.names(needed) {
				return Endpoint{}, taken(needed, r, routing)
			}
		}
	}
	for _, r := range routing.Routes {
		if hidden := e.hides(r); len(hidden) > 0 {
			e.Shadowed = append(e.Shadowed, Shadowed{r, hidden})
		}
	}
	return e.withHealth(server, routing), nil
}

func taken(path string, by Route, routing Routing) *refusal.Refusal {
	if strings.HasPrefix(path, wellKnown) {
		return &refusal.Refusal{
			Code: refusal.CodeRoute, Position: by.Position,
			Reason: path + " is registered here: the program tells clients of an authorization server of its own; to have ours beside it, start a server of its own for MCP, and run this again with --server for that line:",
			ByHand: aside(),
		}
	}
	r := &refusal.Refusal{Code: refusal.CodeRoute, Position: by.Position, Reason: path + " is registered here; choose another path with --mcp-path"}
	if other := routing.vacant(); other != "" {
		r.Reason, r.ByHand = path+" is registered here; another path is free:", []string{"--mcp-path " + other}
	}
	return r
}

// vacant returns a path that the program has no route for, nor for the metadata that belongs to it; empty if it finds none.
func (r Routing) vacant() string {
	for _, path := range []string{"/mcp", "/ai/mcp", "/mcp/v1"} {
		named := func(route Route) bool {
			return slices.ContainsFunc(Endpoint{Path: path}.paths(), route.pattern.names)
		}
		if !slices.ContainsFunc(r.Routes, named) {
			return path
		}
	}
	return ""
}

// paths are those that the endpoint needs for itself.
func (e Endpoint) paths() []string {
	if e.Path == "/" {
		return []string{e.Path, wellKnown}
	}
	return []string{e.Path, wellKnown, wellKnown + e.Path}
}

// hides returns the paths of ours that a route answers now.
func (e Endpoint) hides(r Route) []string {
	var hidden []string
	for _, path := range e.paths() {
		if r.pattern.matches(path) {
			hidden = append(hidden, path)
		}
	}
	return hidden
}

// free says whether it is certain that nothing answers a path.
func (r Routing) free(path string) bool {
	for _, route := range slices.Concat(r.Routes, r.Unknown) {
		if route.pattern.matches(path) {
			return false
		}
	}
	return true
}

// reads says whether the route answers GET or HEAD.
func (r Route) reads() bool {
	return len(r.Methods) == 0 || slices.Contains(r.Methods, "GET") || slices.Contains(r.Methods, "HEAD")
}
