package interop_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// serveDocument serves the client ID metadata document of a client that people come back to on loopback, and returns its URL and a
// client that trusts its certificate.
func serveDocument(t *testing.T) (string, *http.Client) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	url := server.URL + "/client.json"
	mux.HandleFunc("GET /client.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"client_id":                  url,
			"client_name":                "Interop client",
			"redirect_uris":              []string{"http://127.0.0.1/callback", "http://127.0.0.1/oauth/callback"},
			"grant_types":                []string{"authorization_code", "refresh_token"},
			"token_endpoint_auth_method": "none",
		})
	})
	return url, server.Client()
}
