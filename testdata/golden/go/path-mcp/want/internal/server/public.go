package server

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"example.com/path-mcp/internal/config"
)

const wellKnown = "/.well-known/oauth-protected-resource"

// handlePublic registers what needs no token: the metadata, and /health.
func handlePublic(mux *http.ServeMux, cfg config.Config) {
	for _, path := range metadataPaths(cfg.Resource) {
		for _, pattern := range exactly(path) {
			mux.Handle(pattern, serveMetadata(cfg.Metadata))
		}
	}
	mux.HandleFunc("GET /health", health)
}

// exactly returns the patterns that match path with and without a trailing slash, and nothing below it.
// ServeMux would redirect one to the other, and clients drop the token or the body on the way.
func exactly(path string) []string {
	if path == "/" {
		return []string{"/{$}"}
	}
	return []string{path, path + "/{$}"}
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
			h.Set("Allow", "GET, HEAD, OPTIONS")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		}
	})
}

func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"status":"healthy"}`)
}
