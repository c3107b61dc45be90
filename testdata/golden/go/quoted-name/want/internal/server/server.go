// Package server puts the MCP endpoint and its public routes on the network.
package server

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/acme/Mixed-Case_server.v2/internal/auth"
	"github.com/acme/Mixed-Case_server.v2/internal/config"
	"github.com/acme/Mixed-Case_server.v2/internal/protocol"
)

const maxInFlight = 128 // MCP requests being answered at one time

// New returns the server's routes: the MCP endpoint at mcpPath, which requires a valid
// access token, and the public ones. ctx ends the refresh of the authorization server's keys.
func New(ctx context.Context, cfg config.Config, mcpPath string, tools *mcp.Server, log *slog.Logger) http.Handler {
	keys := auth.NewKeys(cfg.EnvironmentURL+"/keys", log)
	go keys.Refresh(ctx)
	guard := auth.NewGuard(auth.NewVerifier(keys, cfg.Issuers, cfg.Audiences), metadataURL(cfg.Resource), log)

	endpoint := protocol.Handler(tools, cfg.MaxBodyBytes, log)
	protected := checkOrigin(cfg, log, guard.Protect(limitInFlight(maxInFlight, log, endpoint)))

	mux := http.NewServeMux()
	for _, pattern := range exactly(mcpPath) {
		mux.Handle(pattern, protected)
	}
	for _, path := range metadataPaths(cfg.Resource) {
		for _, pattern := range exactly(path) {
			mux.Handle(pattern, serveMetadata(cfg.Metadata))
		}
	}
	mux.HandleFunc("GET /health", health)
	return checkHost(cfg, log, mux)
}

// exactly returns the patterns that match path with and without a trailing slash, and nothing below it.
// ServeMux would redirect one to the other, and clients drop the token or the body on the way.
func exactly(path string) []string {
	if path == "/" {
		return []string{"/{$}"}
	}
	return []string{path, path + "/{$}"}
}

func limitInFlight(n int, log *slog.Logger, next http.Handler) http.Handler {
	slots := make(chan struct{}, n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			refuse(w, r, log, http.StatusServiceUnavailable, "too many requests in flight")
		}
	})
}

func refuse(w http.ResponseWriter, r *http.Request, log *slog.Logger, status int, reason string) {
	log.LogAttrs(r.Context(), slog.LevelInfo, "request refused", slog.Int("status", status), slog.String("reason", reason))
	http.Error(w, reason, status)
}
