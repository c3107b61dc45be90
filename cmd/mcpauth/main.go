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
	ending := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup does
		ending = append(ending, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ending...)
	// A reader of standard output that has gone is a failed write, not the end before everything is put back.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code := cmd.Main(ctx, os.Args[1:], iostreams.System(os.Getenv), os.Getenv)
	stop()
	os.Exit(code)
}
