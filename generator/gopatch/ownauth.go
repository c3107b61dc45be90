package gopatch

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// ownAuth refuses a server that asks for credentials before MCP: two authorizations would contradict each other.
func (s *Survey) ownAuth(routing Routing) error {
	for _, r := range routing.Routes {
		if strings.HasPrefix(r.Path, "/.well-known/oauth-") || r.pattern.below && trimmed(r.Path) == "/.well-known" {
			return &refusal.Refusal{Code: refusal.CodeAuth, Position: r.Position, Reason: "the program has OAuth of its own: it answers " + r.Path}
		}
	}
	for _, c := range s.flow.calls {
		if authorizes(c.fn) {
			return &refusal.Refusal{Code: refusal.CodeAuth, Position: s.module.Position(c.call.Pos()), Reason: "the program has authorization of its own: it calls " + c.fn.Pkg().Name() + "." + c.fn.Name()}
		}
	}
	for _, r := range routing.mcp() {
		for _, a := range r.mcp {
			for _, n := range a.by {
				if at := s.flow.checks(n); at != nil && !s.optional(n) {
					return s.ownCheck(at, s.underSwitch(n, r, routing))
				}
			}
		}
	}
	return s.passedOn()
}

// ownCheck refuses a program that reads credentials at a place, with what can be written for ours to take over.
func (s *Survey) ownCheck(at ast.Node, instead []string) *refusal.Refusal {
	r := &refusal.Refusal{
		Code: refusal.CodeAuth, Position: s.module.Position(at.Pos()), ByHand: instead,
		Reason: "the program has authorization of its own in front of MCP: it reads credentials here, and answers 401 without",
	}
	if len(instead) > 0 {
		r.Reason += "; to have ours instead where MCP_OWN_AUTH is off, write this, and run this again:"
	}
	return r
}

// authorizes says whether a function of an SDK belongs to OAuth.
func authorizes(fn *types.Func) bool {
	switch pathOf(fn) {
	case "github.com/modelcontextprotocol/go-sdk/auth":
		return fn.Name() == "RequireBearerToken" || fn.Name() == "ProtectedResourceMetadataHandler"
	case mcpGoPath:
		return strings.Contains(fn.Name(), "ProtectedResourceMetadata")
	}
	return false
}

// checks returns where the function that a request passes reads credentials, if it also answers 401; nil for any other.
func (f *flow) checks(n ast.Node) ast.Node {
	p, body := f.packageOf(n), n
	if call, ok := n.(*ast.CallExpr); ok && p != nil {
		d, ok := f.decls[f.maker(source{pkg: p, expr: call.Fun})]
		if !ok {
			return nil
		}
		p, body = d.pkg, d.decl
	}
	if p == nil {
		return nil
	}
	var reads, refuses ast.Node
	f.inspect(p, body, 2, func(p *packages.Package, n ast.Node) {
		if call, ok := n.(*ast.CallExpr); ok && reads == nil && readsCredential(p, call) {
			reads = call
		}
		if id, ok := n.(*ast.Ident); ok && id.Name == "StatusUnauthorized" {
			refuses = id
		}
	})
	if refuses == nil {
		return nil
	}
	return reads
}

// maker returns the program's own function that an expression calls, or whose result it calls; nil for any other.
func (f *flow) maker(s source) types.Object {
	if fn := functionOf(s.pkg.TypesInfo, s.expr); fn != nil {
		return fn
	}
	if call, ok := ast.Unparen(s.expr).(*ast.CallExpr); ok {
		return f.maker(s.with(call.Fun))
	}
	if o := objectOf(s.pkg.TypesInfo, s.expr); o != nil && len(f.given[o]) == 1 && f.given[o][0].expr != nil {
		if call, ok := ast.Unparen(f.given[o][0].expr).(*ast.CallExpr); ok {
			return functionOf(f.given[o][0].pkg.TypesInfo, call.Fun)
		}
	}
	return nil
}

// inspect looks at every node of a function, and of the program's own ones that it calls.
func (f *flow) inspect(p *packages.Package, n ast.Node, depth int, look func(*packages.Package, ast.Node)) {
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		look(p, n)
		if call, ok := n.(*ast.CallExpr); ok && depth > 0 {
			fn, _ := typeutil.Callee(p.TypesInfo, call).(*types.Func)
			if fn != nil {
				if d, ok := f.decls[fn.Origin()]; ok {
					f.inspect(d.pkg, d.decl, depth-1, look)
				}
			}
		}
		return true
	})
}

// readsCredential says whether a call reads a header of a request that holds a credential.
func readsCredential(p *packages.Package, call *ast.CallExpr) bool {
	name, ok := header(p, call, "Get", "Values")
	name = strings.ToLower(name)
	return ok && (name == "authorization" || strings.Contains(name, "api-key") || strings.Contains(name, "apikey") || strings.Contains(name, "auth-token"))
}

// header returns the name of the header of which one of these methods is called.
func header(p *packages.Package, call *ast.CallExpr, methods ...string) (string, bool) {
	fn, _ := typeutil.Callee(p.TypesInfo, call).(*types.Func)
	if fn == nil || len(call.Args) == 0 {
		return "", false
	}
	for _, method := range methods {
		if fn.FullName() == "(net/http.Header)."+method {
			value := p.TypesInfo.Types[call.Args[0]].Value
			if value != nil && value.Kind() == constant.String {
				return constant.StringVal(value), true
			}
		}
	}
	return "", false
}

// optional says whether the program puts the function in front of MCP under a condition only.
func (s *Survey) optional(n ast.Node) bool {
	p := s.flow.packageOf(n)
	if p == nil {
		return false
	}
	call, ok := n.(*ast.CallExpr)
	if !ok {
		call = s.flow.wrapping(n)
	}
	return call != nil && conditional(s.flow.packageOf(call), call)
}

// wrapping returns the only call of the function that the body belongs to, or that has returned it.
func (f *flow) wrapping(body ast.Node) *ast.CallExpr {
	var found *ast.CallExpr
	for _, c := range f.calls {
		d, ok := f.decls[c.fn]
		if !ok || body.Pos() < d.decl.Pos() || d.decl.End() < body.End() {
			continue
		}
		if found != nil {
			return nil
		}
		found = c.call
	}
	return found
}

// conditional says whether a node is inside of an if statement of its function.
func conditional(p *packages.Package, n ast.Node) bool {
	within := false
	for _, file := range p.Syntax {
		ast.Inspect(file, func(m ast.Node) bool {
			if branch, ok := m.(*ast.IfStmt); ok && branch.Body.Pos() <= n.Pos() && n.End() <= branch.Body.End() {
				within = true
			}
			return !within
		})
	}
	return within
}

// passedOn refuses a program whose tools hand the caller's token on to another service: they would hand on ours.
func (s *Survey) passedOn() error {
	var reads, sends *ast.CallExpr
	for _, c := range s.flow.calls {
		if name, ok := header(c.pkg, c.call, "Get", "Values"); ok && strings.EqualFold(name, "Authorization") {
			reads = c.call
		}
		if name, ok := header(c.pkg, c.call, "Set", "Add"); ok && strings.EqualFold(name, "Authorization") && !ownValue(c.pkg, c.call.Args[1]) {
			sends = c.call
		}
	}
	hooks := s.uses(func(fn *types.Func) bool {
		return pathOf(fn) == mcpGoPath && (fn.Name() == "WithHTTPContextFunc" || fn.Name() == "WithSSEContextFunc")
	})
	if reads == nil || sends == nil || !hooks {
		return nil
	}
	return &refusal.Refusal{
		Code: refusal.CodeAuth, Position: s.module.Position(reads.Pos()),
		Reason: "the program takes the caller's Authorization header for its tools, which send one at " + s.module.Position(sends.Pos()) +
			": a token for this server must not be passed on; send one of the program's own there, and run this again:",
		ByHand: []string{s.with(sends, sends.Args[1], `"Bearer "+os.Getenv("UPSTREAM_TOKEN")`)},
	}
}

// ownValue says whether a string is the program's own: constants, and what its environment holds.
func ownValue(p *packages.Package, expr ast.Expr) bool {
	expr = ast.Unparen(expr)
	switch e := expr.(type) {
	case *ast.BinaryExpr:
		return ownValue(p, e.X) && ownValue(p, e.Y)
	case *ast.CallExpr:
		fn := typeutil.StaticCallee(p.TypesInfo, e)
		return fn != nil && fn.FullName() == "os.Getenv"
	}
	return p.TypesInfo.Types[expr].Value != nil
}
