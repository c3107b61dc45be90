// Package tools holds the tools that this server offers.
package tools

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"example.com/defaults/internal/auth"
	"example.com/defaults/internal/protocol"
)

// NewServer returns an MCP server with every tool. A call needs a valid access token, and the scopes named here.
func NewServer(name, version string, log *slog.Logger) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: name, Version: version}, protocol.Options())
	mcp.AddTool(s, &mcp.Tool{Name: "greet", Description: "Greet someone by name"}, greet)
	mcp.AddTool(s, &mcp.Tool{Name: "whoami", Description: "Show who is calling, as the access token says"}, whoami)
	s.AddReceivingMiddleware(auth.LimitBatch, recoverPanics(log), auth.RequireScopes(auth.ToolScopes{
		"whoami": {"todo:read"},
	}))
	return s
}

type greetInput struct {
	Name string `json:"name" jsonschema:"who to greet"`
}

type greetOutput struct {
	Greeting string `json:"greeting"`
}

func greet(_ context.Context, _ *mcp.CallToolRequest, in greetInput) (*mcp.CallToolResult, greetOutput, error) {
	return nil, greetOutput{Greeting: fmt.Sprintf("Hello, %s!", in.Name)}, nil
}

type whoamiOutput struct {
	Subject      string   `json:"subject"`
	ClientID     string   `json:"client_id"`
	Organization string   `json:"organization,omitempty"`
	Scopes       []string `json:"scopes"`
}

func whoami(_ context.Context, req *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, whoamiOutput, error) {
	caller := auth.CallerOf(req)
	return nil, whoamiOutput{
		Subject:      caller.Subject,
		ClientID:     caller.ClientID,
		Organization: caller.Organization,
		Scopes:       caller.Scopes,
	}, nil
}
