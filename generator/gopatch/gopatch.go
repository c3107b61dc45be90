// Package gopatch finds where a Go program serves HTTP, and computes the edits that put one handler in front of
// what is served. It is pure: it reads a loaded module and changes nothing.
//
// Sites are found by types, never by spelling. What cannot be patched is refused with a [refusal.Refusal].
package gopatch

import (
	"go/ast"
	"go/types"

	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/packages"
)

// A Server is what a program serves at one or more sites: plain and TLS with one handler are one server.
type Server struct {
	Sites []Site
	// Decoy says what the server is for, when that is not the program's own service: "metrics", "a redirect".
	Decoy string
	// Blocked is why the server cannot be patched; nil when it can.
	Blocked *refusal.Refusal

	key string
}

// Includes says whether what serves at the other's first site is served by s.
func (s Server) Includes(other Server) bool { return s.has(other.Sites[0].node) }

// A Site is where a handler is handed to net/http, or to a framework that serves by itself.
type Site struct {
	Position string // file:line, relative to the module
	Kind     string // "http.ListenAndServe", "http.Server", …
	Address  string // source of the address, where it stands beside the handler
	Handler  string // source of the handler; empty where there is none

	pkg     *packages.Package
	node    ast.Node          // the call, literal or assignment
	handler ast.Expr          // that is wrapped: a handler, or what a framework's method is called on; nil where there is none
	router  *router           // whose function or type serves
	engine  types.Type        // of what serves by itself; nil for a handler
	method  *ast.SelectorExpr // that serves what it is called on; nil for any other site
	before  string            // what the wrapper is given is written before, handler, after
	after   string
	shares  ast.Node          // the site of the same server that comes first; nil for that one
	outer   *Site             // what serves, where the handler is wrapped elsewhere; nil where it is wrapped there
	stdio   bool              // MCP is served over stdio
	literal *ast.CompositeLit // that a handler has to be added to; nil otherwise
}

// A Survey is what Find saw.
type Survey struct {
	Servers []Server
	// Protected is where the program already serves through the package of ours; empty if it does not.
	Protected string

	issuer     string // where the program answers as an authorization server; empty if it does not
	basicAuth  bool   // the program reads passwords
	openSwitch string // where the setting is declared that stops it; empty where there is none

	module *gosource.Module
	flow   *flow
}

// Glue is the package that a patched program calls, relative to its module.
const Glue = "internal/mcpauth"

// Find looks for the servers and routes of the module's packages, ours excluded.
func Find(m *gosource.Module) *Survey {
	s := &Survey{module: m, flow: newFlow(m)}
	f := newFinder(m, s)
	for _, p := range m.Packages {
		if !own(m, p) {
			f.collect(p)
		}
	}
	s.flow.held = f.functions()
	for _, p := range m.Packages {
		if !own(m, p) {
			s.flow.collect(p)
		}
	}
	s.flow.settle()
	for _, a := range f.calls {
		f.arguments(a.pkg, a.call)
	}
	for _, p := range m.Packages {
		if !own(m, p) {
			f.walk(p)
		}
	}
	f.servers()
	s.Servers = joined(s.Servers)
	return s
}

// own says whether a package is ours, or one of the SDKs, whose examples are programs too.
func own(m *gosource.Module, p *packages.Package) bool {
	glue := m.Path + "/" + Glue
	return p.PkgPath == goSDKPath || p.PkgPath == mcpGoPath || p.PkgPath == glue || len(p.PkgPath) > len(glue) && p.PkgPath[:len(glue)+1] == glue+"/"
}
