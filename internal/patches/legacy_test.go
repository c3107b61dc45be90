package patches_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// bearer sends a token with every request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// checkClient has a client of the newest revision, which tries that first, call a tool.
func checkClient(t *testing.T, target contract.Target) {
	t.Helper()
	token, err := target.Issuer.Mint(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &mcp.StreamableClientTransport{Endpoint: target.URL, HTTPClient: &http.Client{Transport: bearer(token)}}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "greet", Arguments: map[string]any{"name": "Ada"}})
	if err != nil || result.IsError {
		t.Errorf("greet: %v, %v", result, err)
	}
}

// checkDecoder wants the JSON decoder of the older SDKs to be one that does not take a name with a null character behind
// it for the name.
func checkDecoder(t *testing.T, goMod []byte) {
	t.Helper()
	if !bytes.Contains(goMod, []byte("github.com/segmentio/encoding v0.5.4 // indirect\n")) {
		t.Errorf("go.mod has another decoder:\n%s", goMod)
	}
}
