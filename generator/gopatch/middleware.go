package gopatch

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// middleware notes what stands in front of all routes of a router and answers some paths by itself.
func (f *flow) middleware(e entry) {
	for _, arg := range e.call.Args {
		call, ok := ast.Unparen(arg).(*ast.CallExpr)
		if !ok {
			f.last(e, arg)
			continue
		}
		if rule, answers := answering(calleeOf(e.in.pkg.TypesInfo, call)); answers {
			f.entries = append(f.entries, entry{in: e.in, node: e.call, call: call, rule: rule, router: e.router, on: e.on})
		} else {
			f.last(e, arg)
		}
	}
}

// answering returns what a call makes that answers requests before any route does.
func answering(fn *types.Func) (rule, bool) {
	if fn == nil {
		return rule{}, false
	}
	path, name := pathOf(fn), fn.Name()
	switch {
	case strings.HasPrefix(path, "github.com/go-chi/chi") && name == "Heartbeat":
		return rule{args: []role{pathArg}}, true
	case path == "github.com/gin-contrib/static" && name == "Serve":
		return rule{method: "GET", args: []role{pathArg, otherArg}, below: true}, true
	case strings.HasPrefix(path, "github.com/labstack/echo/") && strings.HasPrefix(name, "Static"),
		strings.HasPrefix(path, "github.com/gofiber/fiber/") && name == "New" && (strings.HasSuffix(path, "/static") || strings.HasSuffix(path, "/filesystem")):
		return rule{does: catches, method: "GET", args: []role{otherArg}}, true
	}
	return rule{}, false
}

// last notes a function of fiber that hands nothing on: it answers what is left, below the prefix that it has.
func (f *flow) last(e entry, arg ast.Expr) {
	if e.router.name != "fiber" {
		return
	}
	if !slices.ContainsFunc(f.origins(e.in.with(arg)), f.keeps) {
		return
	}
	rule := rule{does: catches, args: []role{otherArg}}
	if isText(e.in.pkg.TypesInfo.TypeOf(e.call.Args[0])) {
		rule.args = []role{pathArg, otherArg}
	}
	f.entries = append(f.entries, entry{in: e.in, node: e.call, call: e.call, rule: rule, router: e.router, on: e.on})
}

// keeps says whether a function of the program's hands no request on.
func (f *flow) keeps(o origin) bool {
	expr, ok := o.node.(ast.Expr)
	if !ok {
		return false
	}
	body := f.bodyOf(o.from.pkg, expr)
	return body != nil && !handsOn(body)
}

func (f *flow) bodyOf(p *packages.Package, expr ast.Expr) *ast.BlockStmt {
	switch fn := f.function(p, expr).(type) {
	case *ast.FuncLit:
		return fn.Body
	case *ast.FuncDecl:
		return fn.Body
	}
	return nil
}

// handsOn says whether a function calls a Next of something.
func handsOn(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		found = found || ok && sel.Sel.Name == "Next"
		return !found
	})
	return found
}
