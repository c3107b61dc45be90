package contract_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
)

// TestStreamIsAnAnswer wants a GET that opens a stream, as servers with sessions do, to be no redirect.
func TestStreamIsAnAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.Write([]byte(`{"jsonrpc":"2.0","id":1,"result":{}}`))
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	target := contract.Target{Site: contract.Site{URL: server.URL + "/mcp"}, Token: "token", Full: true}
	if report := contract.RunChecks(t.Context(), target, only("C16"), nil); !report.Kept() {
		t.Errorf("%+v", report.Results)
	}
}
