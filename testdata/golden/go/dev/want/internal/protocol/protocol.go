// Package protocol says how this server uses the MCP SDK.
package protocol

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Options returns those of a server whose tools are fixed.
func Options() *mcp.ServerOptions {
	return &mcp.ServerOptions{
		// The tools never change: a client that could subscribe to changes would hold a request open for good.
		Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}},
		SetCacheable: private,
	}
}

// private keeps answers out of caches that callers share.
func private(_ context.Context, _ mcp.Request, c *mcp.Cacheable) { c.CacheScope = "private" }

// Handler returns the Streamable HTTP endpoint of server. Bodies of more than maxBody bytes are refused.
func Handler(server *mcp.Server, maxBody int64, log *slog.Logger) http.Handler {
	return mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{
			Stateless:                  true, // serves 2026-07-28 and the older revisions alike
			JSONResponse:               true,
			MaxRequestBodyBytes:        maxBody,
			DisableLocalhostProtection: true, // checkHost also knows the public host of a proxy
			Logger:                     log,
		})
}
