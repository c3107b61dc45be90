package server

import (
	"context"
	"log/slog"
	"net/http"

	"example.com/tls/internal/auth"
	"example.com/tls/internal/config"
)

const maxInFlight = 128 // MCP requests being answered at one time

// newGuard returns the guard that trusts the authorization server of cfg. ctx ends the refresh of its keys.
func newGuard(ctx context.Context, cfg config.Config, log *slog.Logger) *auth.Guard {
	keys := auth.NewKeys(cfg.EnvironmentURL+"/keys", log)
	go keys.Refresh(ctx)
	return auth.NewGuard(auth.NewVerifier(keys, cfg.Issuers, cfg.Audiences), metadataURL(cfg.Resource), log)
}

// limitInFlight answers at one time as many requests as slots holds.
func limitInFlight(slots chan struct{}, log *slog.Logger, next http.Handler) http.Handler {
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
