// Command mcpauth gives any team an MCP server that OAuth clients can log in to.
package main

import (
	"context"
	"os"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/iostreams"
)

func main() {
	os.Exit(cmd.Main(context.Background(), os.Args[1:], iostreams.System(os.Getenv), os.Getenv))
}
