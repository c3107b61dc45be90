package tools_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"example.com/scopes/internal/authtest"
	"example.com/scopes/internal/config"
	"example.com/scopes/internal/protocol"
	"example.com/scopes/internal/server"
	"example.com/scopes/internal/tools"
)

// caller is an HTTP client that sends an access token along.
type caller string

func (token caller) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(r)
}

// start serves the tools, and returns the URL and a client whose token has the claims.
func start(t *testing.T, claims map[string]any) (string, *http.Client) {
	t.Helper()
	issuer := authtest.Start(t)
	cfg, err := config.Load(issuer.Getenv("http://localhost:3002/mcp", "3002"), "/mcp")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	endpoint := protocol.Handler(tools.NewServer("test", "1", log), cfg.MaxBodyBytes, log)
	handler := server.New(t.Context(), cfg, "/mcp", endpoint, log)
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL + "/mcp", &http.Client{Transport: caller(issuer.Mint(claims))}
}

func call(t *testing.T, claims map[string]any, tool string, arguments any) (any, error) {
	t.Helper()
	url, client := start(t, claims)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).
		Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url, HTTPClient: client}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return nil, err
	}
	return result.StructuredContent, nil
}

func TestGreet(t *testing.T) {
	t.Parallel()
	got, err := call(t, nil, "greet", map[string]any{"name": "Ada"})
	if want := map[string]any{"greeting": "Hello, Ada!"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestC11C12Whoami(t *testing.T) {
	t.Parallel()
	if got, err := call(t, map[string]any{"scope": ""}, "whoami", nil); err == nil {
		t.Errorf("without the scope: got %v", got)
	}
	got, err := call(t, map[string]any{"sub": "usr_ada", "scope": "notes:read notes:write"}, "whoami", nil)
	want := map[string]any{"subject": "usr_ada", "client_id": "skc_1", "organization": "org_1", "scopes": []any{"notes:read", "notes:write"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// post sends a message of MCP 2026-07-28 and returns the body of the answer.
func post(t *testing.T, method, params string) string {
	t.Helper()
	url, client := start(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	message := `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
		`"io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}` + params + `}}`
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(message))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("Mcp-Protocol-Version", "2026-07-28")
	req.Header.Set("Mcp-Method", method)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s: reading the answer: %v", method, err)
	}
	return string(body)
}

func TestC20ListsArePrivate(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"tools/list", "server/discover"} {
		if body := post(t, method, ""); !strings.Contains(body, `"cacheScope":"private"`) {
			t.Errorf("%s: got %s", method, body)
		}
	}
}

// A subscription would keep a request open, and the server from ending.
func TestC17NothingToSubscribeTo(t *testing.T) {
	t.Parallel()
	if body := post(t, "subscriptions/listen", `,"notifications":{"toolsListChanged":true}`); !strings.Contains(body, `"resultType":"complete"`) {
		t.Errorf("the subscription does not end: %s", body)
	}
}
