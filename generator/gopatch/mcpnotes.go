package gopatch

import (
	"fmt"
	"strings"
)

// mcpNotes says what a person has to know of an endpoint that was there before.
func (s *Survey) mcpNotes(server Server, e Endpoint) []string {
	notes := []string{"your endpoint and your tools stay; " + e.accessor()}
	routing := s.Routing(server)
	if len(e.Patterns) == 0 {
		notes = append(notes, e.reach())
	}
	for _, r := range routing.mcp() {
		if s.usual(r) == e.Path {
			notes = append(notes, r.Position+": the path of MCP is a setting of the program, and "+e.Path+" where that is left alone: name another with --mcp-path")
		}
		if trimmed(r.Path) != trimmed(e.Path) && len(e.Patterns) > 0 {
			notes = append(notes, "MCP at "+r.String()+" needs a token of "+e.Path+" too")
		}
		for _, a := range r.mcp {
			for _, n := range a.by {
				if at := s.flow.checks(n); at != nil {
					notes = append(notes, "credentials are read at "+s.module.Position(at.Pos())+" under a condition: where it holds, every call is refused, since the token is kept from the program")
				}
			}
		}
	}
	for _, c := range s.flow.calls {
		if name, ok := header(c.pkg, c.call, "Get", "Values"); ok && strings.EqualFold(name, "Authorization") {
			notes = append(notes, "the Authorization header that is read at "+s.module.Position(c.call.Pos())+" is kept from the program: it is empty there")
		}
	}
	for _, other := range s.Servers {
		if !server.Includes(other) && len(s.Routing(other).mcp()) > 0 {
			notes = append(notes, "the server at "+other.Sites[0].Position+" answers MCP too, and to everybody: patch it, or keep others from reaching it")
		}
	}
	return notes
}

// accessor says how tools see the caller and need scopes.
func (e Endpoint) accessor() string {
	const text = "in a tool %s is who calls, and %s makes tools need scopes"
	if e.SDK == MCPGo {
		return fmt.Sprintf(text, "mcpauth.CallerFrom(ctx)", "the option server.WithToolHandlerMiddleware(mcpauth.RequireScopes(…))")
	}
	return fmt.Sprintf(text, "mcpauth.CallerOf(req)", "server.AddReceivingMiddleware(mcpauth.RequireScopes(…))")
}

// reach says which paths need a token where it cannot be told at which MCP is answered.
func (e Endpoint) reach() string {
	if len(e.Open) == 0 {
		return "every path but the metadata and /health needs a token: the program may answer MCP at any"
	}
	return "every path needs a token but the metadata, /health and " + strings.Join(e.Open, ", ") + ": the program may answer MCP at any other"
}
