package server

import (
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/scopes/internal/config"
)

const (
	allowHeaders  = "Authorization, Content-Type, Accept, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID"
	exposeHeaders = "WWW-Authenticate, Mcp-Session-Id"
)

// checkOrigin refuses requests that scripts of foreign origins make, and answers the preflights of the others
// (MCP 2026-07-28, Streamable HTTP, security warning). It stands before authentication.
func checkOrigin(cfg config.Config, log *slog.Logger, next http.Handler) http.Handler {
	allowed := append([]string{cfg.Resource.Scheme + "://" + strings.ToLower(cfg.Resource.Host)}, cfg.AllowedOrigins...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		origins := r.Header.Values("Origin")
		if len(origins) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		origin := origins[0]
		if len(origins) > 1 || !(slices.Contains(allowed, origin) || cfg.Loopback && loopbackOrigin(origin)) {
			refuse(w, r, log, http.StatusForbidden, "origin not allowed")
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", exposeHeaders)
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", allowMethods)
		h.Set("Access-Control-Allow-Headers", allowHeaders)
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}

func loopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && isLoopback(u.Hostname()) &&
		origin == u.Scheme+"://"+u.Host
}

// checkHost protects a server that is bound to loopback from DNS rebinding: it answers to loopback names and to its
// public name, which a proxy on the same machine passes on.
func checkHost(cfg config.Config, log *slog.Logger, next http.Handler) http.Handler {
	if !cfg.Loopback {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostname(r.Host); !isLoopback(host) && !strings.EqualFold(host, cfg.Resource.Hostname()) {
			refuse(w, r, log, http.StatusForbidden, "host not allowed")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
