package gopatch

// servesMCP says whether the function makes an MCP endpoint.
func servesMCP(function string) bool {
	switch function {
	case "github.com/modelcontextprotocol/go-sdk/mcp.NewStreamableHTTPHandler", "github.com/modelcontextprotocol/go-sdk/mcp.NewSSEHandler",
		"github.com/mark3labs/mcp-go/server.NewStreamableHTTPServer", "github.com/mark3labs/mcp-go/server.NewSSEServer":
		return true
	}
	return false
}
