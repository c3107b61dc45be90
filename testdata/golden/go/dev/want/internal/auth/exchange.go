package auth

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// An exchange is what the layers that one HTTP request goes through know of it.
type exchange struct {
	caller   *Caller
	denial   denial
	messages atomic.Int32 // served so far
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	c, _ := ctx.Value(exchangeKey{}).(*exchange)
	return c
}

// A denial carries the scopes that a request lacked from the MCP layer back to its HTTP answer.
type denial struct {
	mu     sync.Mutex
	scopes []string
}

func (d *denial) record(scopes []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range scopes {
		if !slices.Contains(d.scopes, s) {
			d.scopes = append(d.scopes, s)
		}
	}
}

func (d *denial) needed() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.scopes
}

// responseWriter answers 403 in place of the MCP answer to a denied call, so that clients ask for the scopes they lack.
type responseWriter struct {
	http.ResponseWriter
	guard  *Guard
	denial *denial
	status int // 0 until the header is written
	denied bool
}

func (w *responseWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	scopes := w.denial.needed()
	if len(scopes) == 0 {
		w.status = status
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.status, w.denied = http.StatusForbidden, true
	challenge{
		status:      http.StatusForbidden,
		code:        "insufficient_scope",
		description: "The access token lacks a scope that this tool needs",
		scopes:      scopes,
	}.write(w.ResponseWriter, w.guard.metadataURL)
}

func (w *responseWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.denied {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// reason says for the log why the request was denied. Where it was not, the attribute is empty and not logged.
func (w *responseWriter) reason() slog.Attr {
	if !w.denied {
		return slog.Attr{}
	}
	return slog.String("reason", "insufficient_scope: needs "+strings.Join(w.denial.needed(), " "))
}

// Unwrap lets http.ResponseController reach the connection.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements http.Flusher for streamed answers.
func (w *responseWriter) Flush() {
	w.WriteHeader(http.StatusOK)
	if f, ok := w.ResponseWriter.(http.Flusher); ok && !w.denied {
		f.Flush()
	}
}
