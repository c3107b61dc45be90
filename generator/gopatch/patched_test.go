package gopatch_test

import (
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
)

func TestNeedsToken(t *testing.T) {
	t.Parallel()
	added := gopatch.Endpoint{Path: "/mcp"}
	listed := gopatch.Endpoint{Path: "/mcp", SDK: gopatch.GoSDK, Patterns: []string{"/mcp", "/t/*/sse/"}}
	everywhere := gopatch.Endpoint{Path: "/mcp", SDK: gopatch.GoSDK, Open: []string{"/", "/hello"}}
	for _, c := range []struct {
		endpoint gopatch.Endpoint
		path     string
		want     bool
	}{
		{added, "/mcp", false},
		{listed, "/mcp", true}, {listed, "/MCP/", true}, {listed, "//mcp", true}, {listed, "/%6dcp", true}, {listed, "/mcp/x", false},
		{listed, "/t/1/sse", true}, {listed, "/t/1/sse/x/y", true}, {listed, "/t/1/x", false}, {listed, "/", false},
		{everywhere, "/hello", false}, {everywhere, "/hello/", true}, {everywhere, "/%68ello", true}, {everywhere, "//hello", true}, {everywhere, "/mcp", true},
	} {
		if got := c.endpoint.NeedsToken("GET", "", c.path); got != c.want {
			t.Errorf("%+v: %s: %v", c.endpoint, c.path, got)
		}
	}
}
