// Command res-audience is an MCP server that OAuth clients log in to through Scalekit.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"example.com/res-audience/internal/config"
	"example.com/res-audience/internal/protocol"
	"example.com/res-audience/internal/server"
	"example.com/res-audience/internal/tools"
)

const (
	name    = "res-audience"
	version = "0.1.0"
	mcpPath = "/team/mcp"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	getenv, err := config.Environment(".env")
	if err != nil {
		return err
	}
	cfg, err := config.Load(getenv, mcpPath)
	if err != nil {
		return fmt.Errorf("the configuration has problems:\n%w", err)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // about twice the throughput of the default, for some 12 MB of memory
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	endpoint := protocol.Handler(tools.NewServer(name, version, log), cfg.MaxBodyBytes, log)
	handler := server.New(ctx, cfg, mcpPath, endpoint, log)
	return server.Run(ctx, cfg, handler, log)
}
