package gopatch

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/packages"
)

// stdio notes the call of a function that serves MCP over stdio.
func (f *finder) stdio(p *packages.Package, call *ast.CallExpr, fn *types.Func) {
	r := router{name: "server", path: mcpGoPath, wrapper: func(types.Type) string { return WrapStdio }}
	served := call.Fun
	switch {
	case pathOf(fn) == mcpGoPath && fn.Name() == "ServeStdio":
	case pathOf(fn) == goSDKPath && localName(fn) == "Server.Run" && len(call.Args) == 2 && f.overStdio(p, call.Args[1]):
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return
		}
		r = router{name: "mcp", path: goSDKPath, wrapper: func(types.Type) string { return WrapRun }}
		served = sel.X
	default:
		return
	}
	f.sites = append(f.sites, Site{
		Kind: "stdio", pkg: p, node: call, router: &r, engine: p.TypesInfo.TypeOf(served), stdio: true,
		handler: served, Position: f.module.Position(served.Pos()), Handler: f.module.Text(served),
	})
}

// overStdio says whether a transport of go-sdk is that of stdio, or logs what goes over that.
func (f *finder) overStdio(p *packages.Package, transport ast.Expr) bool {
	return slices.ContainsFunc(f.survey.flow.origins(source{pkg: p, expr: transport}), func(o origin) bool {
		t := f.survey.flow.typeOf(o)
		if lit, ok := o.node.(*ast.CompositeLit); ok && isNamed(t, goSDKPath, "LoggingTransport") {
			return slices.ContainsFunc(lit.Elts, func(element ast.Expr) bool {
				pair, ok := element.(*ast.KeyValueExpr)
				return ok && f.overStdio(o.from.pkg, pair.Value)
			})
		}
		return isNamed(t, goSDKPath, "StdioTransport")
	})
}

// Stdio says whether the server is one of MCP over stdio, which gets HTTP besides.
func (s Server) Stdio() bool { return s.Sites[0].stdio }

// beside returns the endpoint of a server that is given HTTP besides stdio. The error is a Refusal.
func (s *Survey) beside(server Server, wanted string) (Endpoint, error) {
	if at := s.servesMCP(); at != "" {
		return Endpoint{}, &refusal.Refusal{Code: refusal.CodeMCP, Position: at, Reason: "the program answers MCP over HTTP already: choose that server, not the one over stdio:", ByHand: s.answering()}
	}
	e := Endpoint{Path: wanted, SDK: GoSDK, Stdio: true}
	if wanted == "" {
		e.Path = "/"
	}
	if server.Sites[0].router.path == mcpGoPath {
		e.SDK = MCPGo
	}
	return e, nil
}

// stdioByHand refuses MCP over stdio that is served in a way which no wrapper fits; nil where there is none.
func (s *Survey) stdioByHand() *refusal.Refusal {
	for _, c := range s.flow.calls {
		if instead := s.overStdioBy(c); instead != "" {
			return &refusal.Refusal{
				Code: refusal.CodeShape, Position: s.module.Position(c.call.Pos()), Reason: "MCP is served here in a way that cannot be given HTTP besides; serve it so, and run this again:",
				ByHand: []string{instead},
			}
		}
	}
	return nil
}

// overStdioBy is how to serve over stdio what a call serves; empty for any other call.
func (s *Survey) overStdioBy(c called) string {
	sel, ok := ast.Unparen(c.call.Fun).(*ast.SelectorExpr)
	if !ok || len(c.call.Args) == 0 {
		return ""
	}
	first := s.module.Text(c.call.Args[0])
	switch {
	case pathOf(c.fn) == mcpGoPath && c.fn.Name() == "NewStdioServer":
		return s.module.Text(sel.X) + ".ServeStdio(" + first + ")"
	case pathOf(c.fn) == goSDKPath && localName(c.fn) == "Server.Connect":
		return s.module.Text(sel.X) + ".Run(" + first + ", &mcp.StdioTransport{})"
	}
	return ""
}
