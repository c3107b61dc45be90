// Command mcpauth gives any team an MCP server that OAuth clients can log in to.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/iostreams"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cmd.Main(ctx, os.Args[1:], iostreams.System(os.Getenv), os.Getenv)
	stop()
	os.Exit(code)
}
