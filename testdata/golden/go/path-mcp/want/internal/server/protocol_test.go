package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var revisions = []string{"2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"}

// modern is an MCP message of 2026-07-28 with the given members of params.
func modern(method, params string) string {
	meta := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
		`"io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
	if params != "" {
		meta += ","
	}
	return `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{` + meta + params + `}}`
}

// versionHeaders are the headers that a request of the revision has; name is that of the tool, if it is a call.
func versionHeaders(revision, method, name string) []string {
	switch {
	case revision == "":
		return nil
	case revision < "2026-07-28":
		return []string{"Mcp-Protocol-Version: " + revision}
	case name == "":
		return []string{"Mcp-Protocol-Version: " + revision, "Mcp-Method: " + method}
	}
	return []string{"Mcp-Protocol-Version: " + revision, "Mcp-Method: " + method, "Mcp-Name: " + name}
}

// send sends a message of the revision and returns the result.
func (s *site) send(t *testing.T, revision, method, tool, params string) object {
	t.Helper()
	message := modern(method, params)
	if revision < "2026-07-28" {
		message = `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{` + params + `}}`
	}
	a := s.mcp(t, s.Mint(nil), message, versionHeaders(revision, method, tool)...)
	var response struct{ Result object }
	if err := json.Unmarshal([]byte(a.body), &response); err != nil || a.status != 200 || response.Result == nil {
		t.Errorf("%s, %s: got %d, %s", revision, method, a.status, a.body)
	}
	if a.header.Get("Mcp-Session-Id") != "" || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		t.Errorf("%s, %s: got headers %v, want JSON without a session", revision, method, a.header)
	}
	return response.Result
}

func TestC19EveryRevision(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, revision := range revisions {
		if revision < "2026-07-28" {
			got := s.send(t, revision, "initialize", "",
				`"protocolVersion":"`+revision+`","capabilities":{},"clientInfo":{"name":"test","version":"1"}`)
			if got["protocolVersion"] != revision {
				t.Errorf("%s: initialize agreed on %v", revision, got["protocolVersion"])
			}
			note := s.mcp(t, s.Mint(nil), `{"jsonrpc":"2.0","method":"notifications/initialized"}`, versionHeaders(revision, "", "")...)
			if note.status != 202 || note.body != "" {
				t.Errorf("%s: a notification got %d, %s; want 202", revision, note.status, note.body)
			}
		} else if got := s.send(t, revision, "server/discover", "", ""); got["supportedVersions"] == nil {
			t.Errorf("%s: server/discover got %v", revision, got)
		}
		for range 2 { // the second request is like the first
			if tools, _ := s.send(t, revision, "tools/list", "", "")["tools"].([]any); len(tools) != 4 {
				t.Errorf("%s: got tools %v", revision, tools)
			}
			if got := s.send(t, revision, "tools/call", "read", `"name":"read","arguments":{}`); got["isError"] == true || got["content"] == nil {
				t.Errorf("%s: tools/call got %v", revision, got)
			}
		}
	}
	if a := s.do(t, http.MethodGet, "/mcp", "", "Authorization: Bearer "+s.Mint(nil), "Accept: text/event-stream"); a.status != 405 {
		t.Errorf("GET: got %d, want 405: there are no streams without sessions", a.status)
	}
}

// withToken is a client that sends token along.
type withToken string

func (token withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(r)
}

func TestC19ClientOfTheSDK(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, revision := range revisions {
		client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
		session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
			Endpoint:   s.origin + s.path,
			HTTPClient: &http.Client{Transport: withToken(s.Mint(nil))},
		}, &mcp.ClientSessionOptions{ProtocolVersion: revision})
		if err != nil {
			t.Errorf("%s: connecting: %v", revision, err)
			continue
		}
		if list, err := session.ListTools(t.Context(), nil); err != nil || len(list.Tools) != 4 {
			t.Errorf("%s: listing tools: %v, %v", revision, list, err)
		}
		for range 2 {
			if result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "read"}); err != nil || result.IsError {
				t.Errorf("%s: calling a tool: %v, %v", revision, result, err)
			}
		}
		if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "write"}); err == nil {
			t.Errorf("%s: calling a tool without its scopes: no error", revision)
		}
		if err := session.Close(); err != nil {
			t.Errorf("%s: closing: %v", revision, err)
		}
	}
}
