package cmd

import (
	"fmt"
	"strings"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/spf13/pflag"
)

// protectOptions say which requests need a token.
type protectOptions struct {
	what   string // mcp or all
	public []string
}

func (o *protectOptions) flags(flags *pflag.FlagSet) {
	flags.StringVar(&o.what, "protect", "mcp", "what needs a token: mcp, or all routes but the public ones")
	flags.StringArrayVar(&o.public, "public", nil, "with --protect all: a route that needs no token, as a pattern of http.ServeMux; may be repeated")
}

func (o protectOptions) check() error {
	switch {
	case o.what != "mcp" && o.what != "all":
		return usageError{fmt.Errorf("--protect %q: use mcp or all", o.what)}
	case o.what == "mcp" && len(o.public) > 0:
		return hinted{usageError{fmt.Errorf("--public %q means nothing where only MCP needs a token", o.public)}, "add --protect all"}
	}
	if err := gopatch.CheckPublic(o.public); err != nil {
		return hinted{usageError{fmt.Errorf("--public: %w", err)}, `write "GET /docs/" for everything below /docs/, "/login" for one path, "/users/{id}" for any id`}
	}
	return nil
}

// endpoint returns where MCP will be, and what needs a token.
func (o retrofitOptions) endpoint(survey *gopatch.Survey, server gopatch.Server) (gopatch.Endpoint, error) {
	endpoint, err := survey.Endpoint(server, o.mcpPath)
	if err != nil || o.protect.what != "all" {
		return endpoint, err
	}
	return survey.ProtectAll(server, endpoint, o.protect.public)
}

// reserved says whether a path cannot be that of MCP: the endpoint's own public routes are there.
func reserved(path string) bool {
	return path == "/health" || path == "/.well-known" || strings.HasPrefix(path, "/.well-known/")
}
