package gopatch

import (
	"go/ast"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/packages"
)

// united makes one server of those of which a run of the program starts no more than one: what serves in one of its modes
// each. ok is false where two may run side by side.
func (s *Survey) united(servers []Server) (one Server, ok bool) {
	for i, server := range servers {
		for _, other := range servers[:i] {
			if !s.flow.alternatives(server, other) {
				return Server{}, false
			}
		}
		one.Sites = append(one.Sites, server.Sites...)
		if one.Blocked == nil {
			one.Blocked = server.Blocked
		}
	}
	return one, true
}

func (f *flow) alternatives(a, b Server) bool {
	return !slices.ContainsFunc(a.Sites, func(site Site) bool {
		return slices.ContainsFunc(b.Sites, func(other Site) bool { return !f.exclusive(site, other) })
	})
}

// A step is a place in a function on the way to a site: a call that leads there, or the site.
type step struct {
	pkg *packages.Package
	in  *ast.FuncDecl
	at  ast.Node
}

// exclusive says whether the ways to two sites part in branches of which a function takes one.
func (f *flow) exclusive(a, b Site) bool {
	ways := [2][]step{f.way(a), f.way(b)}
	for i := range min(len(ways[0]), len(ways[1])) {
		one, other := ways[0][i], ways[1][i]
		if one.in != other.in {
			return false
		}
		if one.at != other.at {
			return apart(one.pkg, one.at, other.at)
		}
		if slices.ContainsFunc(around(one.pkg, one.at), loops) {
			return false
		}
	}
	return false
}

// way returns how the program comes to a site, as far up as each function is called in one place.
func (f *flow) way(site Site) []step {
	var steps []step
	pkg, at := site.pkg, site.node
	for len(steps) <= maxDepth {
		fn := declaring(pkg, at)
		if fn == nil {
			break
		}
		steps = slices.Insert(steps, 0, step{pkg, fn, at})
		calls := f.callsOf(pkg, fn)
		if len(calls) != 1 {
			break
		}
		pkg, at = calls[0].pkg, calls[0].call
	}
	return steps
}

func (f *flow) callsOf(p *packages.Package, fn *ast.FuncDecl) []called {
	o := p.TypesInfo.Defs[fn.Name]
	return slices.DeleteFunc(slices.Clone(f.calls), func(c called) bool { return c.fn != o })
}

// declaring returns the function that a node is written in; nil for one that is in none.
func declaring(p *packages.Package, n ast.Node) *ast.FuncDecl {
	for _, m := range around(p, n) {
		if fn, ok := m.(*ast.FuncDecl); ok {
			return fn
		}
	}
	return nil
}

// around returns the node and all that it is in, the innermost first.
func around(p *packages.Package, n ast.Node) []ast.Node {
	for _, file := range p.Syntax {
		if file.FileStart <= n.Pos() && n.Pos() < file.FileEnd {
			path, _ := astutil.PathEnclosingInterval(file, n.Pos(), n.End())
			return path
		}
	}
	return nil
}

// apart says whether two nodes of one function are in branches of which it takes one.
func apart(p *packages.Package, a, b ast.Node) bool {
	if b.Pos() < a.Pos() {
		a, b = b, a
	}
	path := around(p, a)
	at := slices.IndexFunc(path, func(n ast.Node) bool { return n.Pos() <= b.Pos() && b.End() <= n.End() })
	if at <= 0 || slices.ContainsFunc(path[at:], loops) {
		return false
	}
	switch common := path[at].(type) {
	case *ast.IfStmt:
		return path[at-1] == common.Body // a is before b, which is in the other branch
	case *ast.BlockStmt:
		if _, ok := path[at-1].(*ast.CaseClause); ok {
			return !fallsThrough(path[at-1])
		}
		return leaves(path[:at])
	}
	return false
}

func loops(n ast.Node) bool {
	switch n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

func fallsThrough(n ast.Node) bool {
	branch, ok := lastOf(n).(*ast.BranchStmt)
	return ok && branch.Tok == token.FALLTHROUGH
}

// leaves says whether one of the blocks that a node is in ends the function. One of a function inside of that does not.
func leaves(path []ast.Node) bool {
	inner := slices.ContainsFunc(path, func(n ast.Node) bool { _, ok := n.(*ast.FuncLit); return ok })
	return !inner && slices.ContainsFunc(path, ends)
}

// lastOf returns the last statement of a block or case; nil for any other node.
func lastOf(n ast.Node) ast.Stmt {
	var list []ast.Stmt
	switch n := n.(type) {
	case *ast.BlockStmt:
		list = n.List
	case *ast.CaseClause:
		list = n.Body
	}
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

func ends(n ast.Node) bool {
	switch last := lastOf(n).(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt:
		call, ok := last.X.(*ast.CallExpr)
		return ok && slices.Contains([]string{"panic", "Exit", "Fatal", "Fatalf", "Fatalln"}, calledName(call))
	}
	return false
}
