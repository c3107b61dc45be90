package dev

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

const (
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 2 * time.Minute
	closeGrace        = time.Second // for answers on their way
)

// ClientSecret is the secret of the one machine client that there is from the start, authserver.DefaultClientID. It
// guards nothing: who can reach the authorization server gets a token without it.
const ClientSecret = "local-development"

// An Authority is a local authorization server on the network, with one line in the logs for each request.
type Authority struct {
	*authserver.Server
	listeners []net.Listener
	http      *http.Server
	serving   sync.WaitGroup
	logs      *Logs
}

// NewAuthority returns an authorization server that is not answering yet. It takes over the listeners.
func NewAuthority(listeners []net.Listener, issuer *authserver.Server, logs *Logs) *Authority {
	a := &Authority{Server: issuer, listeners: listeners, logs: logs}
	a.http = &http.Server{
		Handler:           a.logged(issuer),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          log.New(lineWriter{logs, AuthName}, "", 0),
	}
	return a
}

// Serve answers from now on.
func (a *Authority) Serve() {
	for _, listener := range a.listeners {
		a.serving.Go(func() {
			if err := a.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				a.logs.Line(AuthName, "no longer listening on %s: %v", listener.Addr(), err)
			}
		})
	}
	a.logs.Line(AuthName, "listening at %s", a.Environment())
}

// Close lets the answers on their way finish, ends those that hang, and frees the port.
func (a *Authority) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	err := a.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = a.http.Close()
	}
	a.serving.Wait()
	for _, listener := range a.listeners {
		_ = listener.Close() // one that was never served
	}
	return err
}

// logged writes method, path, status and time. A query may hold a code or a state, and headers a token: they are left out.
func (a *Authority) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		path := r.URL.EscapedPath()
		a.logs.Line(AuthName, "%s %.200s %d %s", r.Method, path, seen.status, time.Since(start).Round(100*time.Microsecond))
	})
}

// A statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] through.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A lineWriter makes a line of each Write, for writers that share it.
type lineWriter struct {
	logs *Logs
	name string
}

func (w lineWriter) Write(p []byte) (int, error) {
	w.logs.Line(w.name, "%s", p)
	return len(p), nil
}
