package gopatch

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// The servers of mcp-go listen by themselves. They are given an http.Server of ours before.
func mcpGo() router {
	return router{
		name: "server", path: mcpGoPath, engines: []string{"StreamableHTTPServer", "SSEServer"}, wrapper: func(types.Type) string { return WrapStart },
		sinks: map[string]sink{
			"StreamableHTTPServer.Start": {served: receiver, address: 0},
			"SSEServer.Start":            {served: receiver, address: 0},
		},
	}
}

// listensElsewhere says whether mcp-go starts an http.Server that the program has made: what that serves is its own site.
func (f *finder) listensElsewhere(site Site) bool {
	if site.engine == nil || site.wrapper() != WrapStart {
		return false
	}
	return slices.ContainsFunc(f.survey.flow.made(answered{value: source{pkg: site.pkg, expr: site.handler}}), func(call *ast.CallExpr) bool {
		p := f.survey.flow.packageOf(call)
		return p != nil && slices.ContainsFunc(f.survey.flow.options(source{pkg: p}, call.Args), func(option source) bool {
			c, ok := option.expr.(*ast.CallExpr)
			if !ok {
				return false
			}
			fn := calleeOf(option.pkg.TypesInfo, c)
			return fn != nil && pathOf(fn) == mcpGoPath && (fn.Name() == "WithStreamableHTTPServer" || fn.Name() == "WithHTTPServer")
		})
	})
}

// joined makes one server of those that mcp-go starts, and one of those over stdio: they are one program's MCP in several
// transports, or under several conditions.
func joined(servers []Server) []Server {
	var list []Server
	first := make(map[string]int)
	for _, server := range servers {
		kind := server.Sites[0].wrapper()
		at, again := first[kind]
		if server.Blocked != nil || kind != WrapStart && !server.Stdio() {
			list = append(list, server)
		} else if again {
			list[at].Sites = append(list[at].Sites, server.Sites...)
		} else {
			first[kind] = len(list)
			list = append(list, server)
		}
	}
	return list
}

// option returns what the options of a call of mcp-go say of a path, and whether that is known. fallback is what it is
// without such an option.
func (f *flow) option(call *ast.CallExpr, name, fallback string) (value string, known bool) {
	p := f.packageOf(call)
	if p == nil || call.Ellipsis.IsValid() && !f.optionsKnown(source{pkg: p, expr: call.Args[len(call.Args)-1]}) {
		return "", false
	}
	value, known = fallback, true
	for _, option := range f.options(source{pkg: p}, call.Args[min(1, len(call.Args)):]) {
		c, ok := option.expr.(*ast.CallExpr)
		if !ok {
			return "", false
		}
		fn, _ := typeutil.Callee(option.pkg.TypesInfo, c).(*types.Func)
		if fn == nil || pathOf(fn) != mcpGoPath {
			return "", false
		}
		if fn.Name() == name && len(c.Args) == 1 {
			t := f.text(option, c.Args[0])
			value, known = t.value, t.whole
		}
	}
	return value, known
}

// options are the elements of a list of arguments: of slices that are spread, too.
func (f *flow) options(in source, args []ast.Expr) []source {
	var list []source
	for _, arg := range args {
		s := in.with(ast.Unparen(arg))
		if _, ok := in.pkg.TypesInfo.TypeOf(arg).(*types.Slice); !ok {
			list = append(list, s)
			continue
		}
		list = append(list, f.elements(s, make(map[types.Object]bool))...)
	}
	return list
}

// elements are those of a slice: of its literals, and what is appended to it.
func (f *flow) elements(s source, seen map[types.Object]bool) []source {
	var list []source
	switch e := s.expr.(type) {
	case *ast.CompositeLit:
		return f.options(s, e.Elts)
	case *ast.CallExpr:
		for _, arg := range e.Args {
			if _, ok := s.pkg.TypesInfo.TypeOf(arg).(*types.Slice); ok {
				list = append(list, f.elements(s.with(ast.Unparen(arg)), seen)...)
			} else {
				list = append(list, s.with(ast.Unparen(arg)))
			}
		}
		return list
	}
	o := objectOf(s.pkg.TypesInfo, s.expr)
	if o == nil || seen[o] {
		return nil
	}
	seen[o] = true
	for _, from := range f.given[o] {
		if from.expr != nil {
			list = append(list, f.elements(source{pkg: from.pkg, expr: ast.Unparen(from.expr)}, seen)...)
		}
	}
	return list
}

// optionsKnown says whether a slice is a variable whose elements can be seen.
func (f *flow) optionsKnown(s source) bool {
	o := objectOf(s.pkg.TypesInfo, s.expr)
	if _, ok := ast.Unparen(s.expr).(*ast.CompositeLit); ok {
		return true
	}
	return o != nil && len(f.given[o]) > 0
}
