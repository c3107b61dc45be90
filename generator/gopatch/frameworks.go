package gopatch

import "strings"

// A framework serves by itself, without a handler that could be wrapped where it is called.
type framework struct {
	name    string
	methods string // what the full names of the methods begin with
	byHand  string // what to do instead
}

func frameworks() []framework {
	const adaptor = "no handler of net/http: serve MCP from a program of its own, which mcpauth init makes"
	return []framework{
		{"gin", "(*github.com/gin-gonic/gin.Engine).Run", "serve its handler with net/http, and run this again: http.ListenAndServe(address, engine.Handler())"},
		{"echo", "(*github.com/labstack/echo/v4.Echo).Start", "serve its handler with net/http, and run this again: http.ListenAndServe(address, e)"},
		{"echo", "(*github.com/labstack/echo/v5.Echo).Start", "serve its handler with net/http, and run this again: http.ListenAndServe(address, e)"},
		{"fiber", "(*github.com/gofiber/fiber/v2.App).Listen", adaptor},
		{"fiber", "(*github.com/gofiber/fiber/v3.App).Listen", adaptor},
		{"fasthttp", "github.com/valyala/fasthttp.ListenAndServe", adaptor},
		{"fasthttp", "(*github.com/valyala/fasthttp.Server).", adaptor},
	}
}

// frameworkOf returns the framework that serves when the function is called; nil for any other function.
func frameworkOf(function string) *framework {
	for _, f := range frameworks() {
		if strings.HasPrefix(function, f.methods) {
			return &f
		}
	}
	return nil
}

// servesMCP says whether the function makes an MCP endpoint.
func servesMCP(function string) bool {
	switch function {
	case "github.com/modelcontextprotocol/go-sdk/mcp.NewStreamableHTTPHandler", "github.com/modelcontextprotocol/go-sdk/mcp.NewSSEHandler",
		"github.com/mark3labs/mcp-go/server.NewStreamableHTTPServer", "github.com/mark3labs/mcp-go/server.NewSSEServer":
		return true
	}
	return false
}
