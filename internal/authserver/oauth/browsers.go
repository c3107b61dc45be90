package oauth

import (
	"net/http"
	"slices"
	"strings"
)

// HandleOpen registers a handler that the scripts of any web page may call and read: clients that run in a
// browser need it. Credentials are never allowed, so a page gains nothing that its visitor has.
func HandleOpen(mux *http.ServeMux, method, path string, next http.HandlerFunc) {
	mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "WWW-Authenticate")
		next(w, r)
	})
	mux.HandleFunc(http.MethodOptions+" "+path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", method+", OPTIONS")
		// A wildcard does not cover Authorization (Fetch standard, CORS-preflight fetch).
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Mcp-Protocol-Version")
		w.Header().Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}

// repeated names a parameter that occurs more than once, which RFC 6749 section 3.1 forbids. Only resource
// may be repeated (RFC 8707 section 2).
func repeated(form map[string][]string) string {
	names := make([]string, 0, len(form))
	for name, values := range form {
		if len(values) > 1 && name != "resource" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
