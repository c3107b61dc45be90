package gopatch

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/packages"
)

// SDKs with which programs serve MCP.
const (
	GoSDK = "go-sdk" // github.com/modelcontextprotocol/go-sdk
	MCPGo = "mcp-go" // github.com/mark3labs/mcp-go
)

const (
	goSDKPath = "github.com/modelcontextprotocol/go-sdk/mcp"
	mcpGoPath = "github.com/mark3labs/mcp-go/server"
)

// A transport is a type of an SDK that answers MCP over HTTP.
type transport struct {
	sdk, path, name string
	made            string // by this function
	sse             bool   // the older transport, with a stream and a path for messages
}

func transports() []transport {
	return []transport{
		{GoSDK, goSDKPath, "StreamableHTTPHandler", "NewStreamableHTTPHandler", false},
		{GoSDK, goSDKPath, "SSEHandler", "NewSSEHandler", true},
		{MCPGo, mcpGoPath, "StreamableHTTPServer", "NewStreamableHTTPServer", false},
		{MCPGo, mcpGoPath, "SSEServer", "NewSSEServer", true},
	}
}

// transportOf returns the transport that a type, or what it points to, is; nil for any other type.
func transportOf(t types.Type) *transport {
	list := transports()
	i := slices.IndexFunc(list, func(one transport) bool { return isNamed(t, one.path, one.name) })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// madeBy returns the transport that a function makes; nil for any other function.
func madeBy(fn *types.Func) *transport {
	list := transports()
	i := slices.IndexFunc(list, func(one transport) bool { return pathOf(fn) == one.path && localName(fn) == one.made })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// An answered is a transport that a handler hands requests to.
type answered struct {
	*transport
	value source     // the transport
	by    []ast.Node // function bodies and calls that requests pass before
}

// transportAt returns the transport that an origin is, or whose method it is: h.ServeHTTP, h.SSEHandler().
func (f *flow) transportAt(o origin) *answered {
	if tr := transportOf(f.typeOf(o)); tr != nil {
		return &answered{transport: tr, value: o.from}
	}
	expr, _ := o.node.(ast.Expr)
	if call, ok := expr.(*ast.CallExpr); ok {
		expr = ast.Unparen(call.Fun)
	}
	sel, ok := expr.(*ast.SelectorExpr)
	if !ok || o.from.pkg == nil {
		return nil
	}
	tr := transportOf(o.from.pkg.TypesInfo.TypeOf(sel.X))
	if tr == nil {
		return nil
	}
	return &answered{transport: tr, value: o.from.with(sel.X)}
}

// made returns the calls that make the transport, in the order of the source.
func (f *flow) made(a answered) []*ast.CallExpr {
	var calls []*ast.CallExpr
	for _, o := range f.origins(a.value) {
		if call, ok := o.node.(*ast.CallExpr); ok {
			calls = append(calls, call)
		}
	}
	return calls
}

// makes returns every call that makes a transport.
func (f *flow) makes() []called {
	return slices.DeleteFunc(slices.Clone(f.calls), func(c called) bool { return madeBy(c.fn) == nil })
}

// packageOf returns the package that a node is in.
func (f *flow) packageOf(n ast.Node) *packages.Package {
	for _, p := range f.module.Packages {
		for _, file := range p.Syntax {
			if file.FileStart <= n.Pos() && n.Pos() < file.FileEnd {
				return p
			}
		}
	}
	return nil
}
