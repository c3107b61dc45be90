package gopatch

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"
)

// aside is a server of its own for the endpoint, which serves nothing until it is patched.
func aside() []string {
	return []string{`go func() { log.Fatal(http.ListenAndServe("127.0.0.1:3002", http.NotFoundHandler())) }()`}
}

// seen is how to serve what a call makes where a survey sees it.
func (s *Survey) seen(made called) []string {
	return []string{fmt.Sprintf("log.Fatal(http.ListenAndServe(%q, %s))", "127.0.0.1:3002", s.nameOf(made.pkg, made.call))}
}

// nameOf is the variable that an expression is assigned to, or else the expression.
func (s *Survey) nameOf(p *packages.Package, expr ast.Expr) string {
	for _, n := range around(p, expr) {
		if assign, ok := n.(*ast.AssignStmt); ok && len(assign.Lhs) > 0 && ast.Unparen(assign.Rhs[0]) == expr {
			return s.module.Text(assign.Lhs[0])
		}
	}
	return oneLine(s.module.Text(expr))
}

// ownAuthSwitch is what decides whether the program's own authorization stands in front of MCP.
const ownAuthSwitch = `if os.Getenv("MCP_OWN_AUTH") != "off" {`

// underSwitch puts what checks credentials for a route of MCP, a function or the call of one, under a condition that holds
// unless it is told otherwise: at no time does MCP answer everybody. It is empty where other routes would lose their check,
// and where the program has no simple place for a condition.
func (s *Survey) underSwitch(checks ast.Node, route Route, routing Routing) []string {
	for _, c := range s.flow.calls {
		if c.fn.Name() == "Use" && len(c.call.Args) == 1 && s.flow.uses(c, checks) {
			if len(routing.mcp()) < len(routing.Routes)+len(routing.Unknown) {
				return nil
			}
			return []string{ownAuthSwitch, "\t" + s.module.Text(c.call), "}"}
		}
	}
	call, ok := checks.(*ast.CallExpr)
	if !ok {
		call = s.flow.wrapping(checks)
	}
	if call == nil {
		return nil
	}
	p := s.flow.packageOf(call)
	stmt := statement(p, call)
	if stmt == nil || s.module.Position(stmt.Pos()) != route.Position {
		return nil
	}
	return s.wrappedUnderSwitch(p, stmt, call)
}

// uses says whether the argument of Use is the function, or the call.
func (f *flow) uses(c called, checks ast.Node) bool {
	if ast.Unparen(c.call.Args[0]) == checks {
		return true
	}
	fn, ok := f.function(c.pkg, c.call.Args[0]).(*ast.FuncDecl)
	return ok && fn.Pos() <= checks.Pos() && checks.End() <= fn.End()
}

// wrappedUnderSwitch is underSwitch for keyed(h) in a statement.
func (s *Survey) wrappedUnderSwitch(p *packages.Package, stmt ast.Stmt, call *ast.CallExpr) []string {
	if len(call.Args) != 1 || !handles(p.TypesInfo.TypeOf(call.Args[0])) {
		return nil
	}
	name := fresh(identifiers(p), "guarded")
	declared := name + " := " + s.module.Text(call.Args[0])
	if !types.Identical(p.TypesInfo.TypeOf(call.Args[0]), p.TypesInfo.TypeOf(call)) {
		if !isNamed(p.TypesInfo.TypeOf(call), "net/http", "Handler") {
			return nil
		}
		declared = "var " + name + " http.Handler = " + s.module.Text(call.Args[0])
	}
	lines := []string{
		declared, ownAuthSwitch, "\t" + name + " = " + s.with(call, call.Args[0], name), "}",
	}
	return append(lines, strings.Split(s.with(stmt, call, name), "\n")...)
}

// with is the source of a node in which text takes the place of a part.
func (s *Survey) with(n, part ast.Node, text string) string {
	whole, start := s.module.Text(n), s.module.Offset(n.Pos())
	return whole[:s.module.Offset(part.Pos())-start] + text + whole[s.module.Offset(part.End())-start:]
}

// statement returns the call that stands alone and has the expression in it; nil where that is in something else.
func statement(p *packages.Package, expr ast.Expr) ast.Stmt {
	for _, n := range around(p, expr) {
		switch n := n.(type) {
		case *ast.ExprStmt:
			return n
		case ast.Stmt, *ast.FuncLit:
			return nil
		}
	}
	return nil
}
