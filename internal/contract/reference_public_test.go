package contract_test

import (
	"bytes"
	"fmt"
	"net/http"
)

// handler is the whole server. The order of its layers is a part of the contract.
func (s *reference) handler() http.Handler {
	mcp := http.Handler(http.HandlerFunc(s.serveMCP))
	if !s.is("limit-in-flight") {
		mcp = s.limit(mcp)
	}
	if s.is("origin-after-auth") {
		mcp = s.authenticate(s.checkOrigin(mcp))
	} else {
		mcp = s.checkOrigin(s.authenticate(mcp))
	}
	routes := map[string]http.HandlerFunc{
		"/health":     s.serveHealth,
		s.path:        mcp.ServeHTTP,
		s.path + "/":  mcp.ServeHTTP,
		wellKnownRoot: s.serveMetadata,
	}
	if !s.is("inserted-missing") {
		routes[wellKnownRoot+s.path] = s.serveMetadata
	}
	if s.is("redirect") {
		routes[s.path+"/"] = func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, s.path, http.StatusTemporaryRedirect)
		}
	}
	return s.checkHost(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if serve := routes[r.URL.Path]; serve != nil {
			serve(w, r)
			return
		}
		http.NotFound(w, r)
	}))
}

const wellKnownRoot = "/.well-known/oauth-protected-resource"

func (s *reference) serveMetadata(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if !s.is("metadata-no-cors") {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	document := s.metadata
	switch {
	case s.is("metadata-hidden") && r.Header.Get("Authorization") == "":
		w.WriteHeader(http.StatusUnauthorized)
		return
	case s.is("metadata-altered"):
		document = bytes.Replace(document, []byte("/docs"), []byte("/other"), 1)
	case s.is("metadata-incomplete"):
		document = bytes.Replace(document, []byte(`"bearer_methods_supported":["header"],`), nil, 1)
	case s.is("metadata-no-head") && r.Method == http.MethodHead, s.is("metadata-no-options") && r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(document)
}

func (s *reference) serveHealth(w http.ResponseWriter, r *http.Request) {
	if s.is("health-protected") && r.Header.Get("Authorization") == "" || s.is("health-no-head") && r.Method == http.MethodHead {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if s.is("health-text") {
		fmt.Fprint(w, "ok")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"status":"healthy"}`)
}

func (s *reference) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.slots <- struct{}{}:
			if !s.is("slots-leak") {
				defer func() { <-s.slots }()
			}
			next.ServeHTTP(w, r)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}
