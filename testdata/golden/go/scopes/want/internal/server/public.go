package server

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"example.com/scopes/internal/config"
)

const wellKnown = "/.well-known/oauth-protected-resource"

// paths hands requests to the handler of their path, with and without a trailing slash, and answers 404 to others.
// http.ServeMux would redirect one to the other, and clients drop the token or the body on the way.
type paths map[string]http.Handler // by path, without the slash

func (p paths) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if handler, ok := p[strings.TrimSuffix(r.URL.Path, "/")]; ok {
		handler.ServeHTTP(w, r)
	} else {
		http.NotFound(w, r)
	}
}

// publicPaths returns what needs no token: the metadata, and /health.
func publicPaths(cfg config.Config) paths {
	public := paths{"/health": http.HandlerFunc(health)}
	for _, path := range metadataPaths(cfg.Resource) {
		public[path] = serveMetadata(cfg.Metadata)
	}
	return public
}

// metadataURL is where the metadata of resource is found (RFC 9728 section 3.1). It is derived from the
// configured resource, never from a request.
func metadataURL(resource *url.URL) string {
	return resource.Scheme + "://" + resource.Host + wellKnown + strings.TrimSuffix(resource.EscapedPath(), "/")
}

// metadataPaths returns the root location, and the one with the path of resource inserted if it has a path.
func metadataPaths(resource *url.URL) []string {
	if path := strings.TrimSuffix(resource.Path, "/"); path != "" {
		return []string{wellKnown, wellKnown + path}
	}
	return []string{wellKnown}
}

// serveMetadata answers with the protected resource metadata. It is public, for scripts of any origin too.
func serveMetadata(document []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			h.Set("Content-Type", "application/json")
			w.Write(document)
		case http.MethodOptions:
			h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
			h.Set("Access-Control-Allow-Headers", "*")
			w.WriteHeader(http.StatusNoContent)
		default:
			notAllowed(w, "GET, HEAD, OPTIONS")
		}
	})
}

func health(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		notAllowed(w, "GET, HEAD")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"status":"healthy"}`)
}

func notAllowed(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
}
