// Package server puts the MCP endpoint and its public routes on the network.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"example.com/gruesse/internal/auth"
	"example.com/gruesse/internal/config"
)

const allowMethods = "POST, OPTIONS"

// New returns the server's routes: endpoint at mcpPath, which requires a valid access token, and the public ones.
// ctx ends the refresh of the authorization server's keys.
func New(ctx context.Context, cfg config.Config, mcpPath string, endpoint http.Handler, log *slog.Logger) http.Handler {
	return routes(newGuard(ctx, cfg, log), cfg, mcpPath, endpoint, log)
}

func routes(guard *auth.Guard, cfg config.Config, mcpPath string, endpoint http.Handler, log *slog.Logger) http.Handler {
	all := publicPaths(cfg)
	all[strings.TrimSuffix(mcpPath, "/")] = checkOrigin(cfg, log, guard.Protect(limitInFlight(make(chan struct{}, maxInFlight), log, endpoint)))
	return checkHost(cfg, log, all)
}
