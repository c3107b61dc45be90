package contract_test

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func (s *reference) checkHost(next http.Handler) http.Handler {
	if s.is("host-any") {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := (&url.URL{Host: r.Host}).Hostname()
		if host != "localhost" && !net.ParseIP(host).IsLoopback() {
			http.Error(w, "host not allowed", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *reference) allowed(origins []string) bool {
	origin := origins[0]
	switch {
	case s.is("origin-any"):
		return true
	case s.is("origin-null") && origin == "null":
		return true
	case s.is("origin-first") && len(origins) > 1:
		origins = origins[:1]
	case s.is("origin-prefix") && strings.HasPrefix(origin, "http://localhost"):
		return true
	}
	host, found := strings.CutPrefix(origin, "http://")
	name, port, err := net.SplitHostPort(host)
	return len(origins) == 1 && found && err == nil && slices.Contains([]string{"localhost", "127.0.0.1"}, name) && strings.Trim(port, "0123456789") == ""
}

func (s *reference) checkOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if !s.is("cors-no-vary") {
			h.Set("Vary", "Origin")
		}
		origins := r.Header.Values("Origin")
		if len(origins) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		preflight := r.Method == http.MethodOptions
		if !s.allowed(origins) && !(s.is("preflight-any") && preflight) {
			http.Error(w, "origin not allowed", http.StatusForbidden)
			return
		}
		h.Set("Access-Control-Allow-Origin", origins[0])
		h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Mcp-Session-Id")
		switch {
		case s.is("cors-credentials"):
			h.Set("Access-Control-Allow-Credentials", "true")
		case s.is("cors-not-exposed"):
			h.Del("Access-Control-Expose-Headers")
		case s.is("cors-preflight-only") && !preflight:
			h.Del("Access-Control-Allow-Origin")
		}
		if !preflight || s.is("preflight-protected") {
			next.ServeHTTP(w, r)
			return
		}
		headers := "Authorization, Content-Type, Accept, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID"
		if s.is("cors-wildcard-headers") {
			headers = "*"
		}
		h.Set("Access-Control-Allow-Headers", headers)
		h.Set("Access-Control-Allow-Methods", "POST")
		w.WriteHeader(http.StatusNoContent)
	})
}
