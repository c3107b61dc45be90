package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Guard answers requests that carry no valid access token, and lets the others through to MCP.
type Guard struct {
	verifier    *Verifier
	metadataURL string
	log         *slog.Logger
}

// NewGuard returns a guard whose challenges lead clients to the protected resource
// metadata at metadataURL (RFC 9728 section 5.1).
func NewGuard(verifier *Verifier, metadataURL string, log *slog.Logger) *Guard {
	return &Guard{verifier: verifier, metadataURL: metadataURL, log: log}
}

// Protect requires a valid access token for next, whose tools find the caller with CallerOf.
func (g *Guard) Protect(next http.Handler) http.Handler {
	next = handOver(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		growStack(0)
		caller, err := g.authenticate(r)
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		ex := &exchange{caller: caller}
		watched := &responseWriter{ResponseWriter: w, guard: g, denial: &ex.denial}
		ctx := context.WithValue(r.Context(), exchangeKey{}, ex)
		next.ServeHTTP(watched, r.WithContext(ctx))
		g.record(ctx, caller, watched, time.Since(start))
	})
}

// record logs an answered request.
func (g *Guard) record(ctx context.Context, caller *Caller, w *responseWriter, took time.Duration) {
	g.log.LogAttrs(ctx, slog.LevelInfo, "request",
		slog.String("subject", caller.Subject),
		slog.String("client", caller.ClientID),
		slog.Int("status", w.status),
		w.reason(),
		slog.Duration("duration", took))
}

func (g *Guard) authenticate(r *http.Request) (*Caller, error) {
	token, err := credential(r.Header)
	if err != nil {
		return nil, err
	}
	return g.verifier.Verify(r.Context(), token)
}

// credential returns the one bearer token of the Authorization header (RFC 6750 section 2.1).
// Tokens in the query or in a form are not looked for.
func credential(h http.Header) (string, error) {
	values := h.Values("Authorization")
	if len(values) > 1 {
		return "", errRepeated
	}
	scheme, token, _ := strings.Cut(strings.Join(values, ""), " ")
	token = strings.Trim(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", errNoToken
	}
	return token, nil
}

var (
	errNoToken  = errors.New("no bearer token")
	errRepeated = errors.New("repeated Authorization header")
)

// refuse answers a request that failed to authenticate. What was wrong with a token goes to the log only.
func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	c := challenge{
		status:      http.StatusUnauthorized,
		code:        "invalid_token",
		description: "The access token is not valid for this server",
	}
	switch {
	case errors.Is(err, errNoToken):
		c.code, c.description = "", "This server needs an access token"
	case errors.Is(err, errRepeated):
		c.status, c.code, c.description = http.StatusBadRequest, "invalid_request", "Send one Authorization header"
	case errors.Is(err, ErrUnavailable):
		c = challenge{status: http.StatusServiceUnavailable, description: "The access token cannot be checked now"}
	}
	g.log.LogAttrs(r.Context(), slog.LevelInfo, "request refused",
		slog.Int("status", c.status), slog.String("reason", err.Error()))
	c.write(w, g.metadataURL)
}
