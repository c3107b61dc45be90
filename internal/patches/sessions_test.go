package patches_test

import (
	"bufio"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
)

// TestPatchedSessions wants a session to be of no use to anybody but the subject that opened it, on both transports, in
// every spelling of their paths, and streams to end with their token.
func TestPatchedSessions(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/mcp-transports.txtar"))
	dir := c.module(t)
	retrofit(t, dir, 0)
	binary := filepath.Join(t.TempDir(), "server.exe")
	goRun(t, dir, "build", "-o", binary, ".")
	target, err := stand.Server{Path: binary, Dir: t.TempDir(), Env: run.Environment(os.Environ(), nil), MCPPath: "/mcp"}.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	s := visitor{t: t, target: target, origin: strings.TrimSuffix(target.URL, "/mcp")}
	ada, eve := s.token(map[string]any{"sub": "usr_1"}), s.token(map[string]any{"sub": "usr_2"})
	for _, path := range []string{"/sse", "/message", "/sse/", "//sse", "/SSE", "/x/../sse", "/s%73e", "/mcp", "/mcp/", "/MCP", "//mcp"} {
		s.wants("GET", path, "", "", http.StatusUnauthorized)
		s.wants("POST", path, "", "", http.StatusUnauthorized)
	}
	answer := s.send("POST", "/mcp", ada, "")
	answer.Body.Close()
	session := answer.Header.Get("Mcp-Session-Id")
	if session == "" {
		t.Fatal("no session")
	}
	s.wants("POST", "/mcp", ada, session, http.StatusOK)
	s.wants("POST", "/mcp", eve, session, http.StatusNotFound)
	s.wants("GET", "/mcp", eve, session, http.StatusNotFound)
	s.wants("DELETE", "/mcp", eve, session, http.StatusNotFound)

	stream, messages := s.open(ada)
	defer stream.Body.Close()
	s.wants("POST", messages, eve, "", http.StatusNotFound)
	s.wants("POST", messages, ada, "", http.StatusAccepted)

	// The tolerance for clocks is over in two seconds, and the stream with it.
	short, _ := s.open(s.token(map[string]any{"sub": "usr_3", "exp": time.Now().Unix() - 28}))
	defer short.Body.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(short.Body).ReadString(0)
		ended <- err
	}()
	select {
	case <-ended:
	case <-time.After(run.DefaultStartTimeout):
		t.Error("the stream has outlived its token")
	}
}

// TestPatchedEverywhere wants a program whose path of MCP is not known to be closed but for what is certainly another route.
func TestPatchedEverywhere(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/mcp-asked.txtar"))
	dir := c.module(t)
	retrofit(t, dir, 0, strings.Fields(c.keys["args"])...)
	binary := filepath.Join(t.TempDir(), "server.exe")
	goRun(t, dir, "build", "-o", binary, ".")
	target, err := stand.Server{Path: binary, Args: []string{"-endpoint", "/"}, Dir: t.TempDir(), Env: run.Environment(os.Environ(), nil), MCPPath: "/mcp"}.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	s := visitor{t: t, target: target, origin: strings.TrimSuffix(target.URL, "/mcp")}
	s.wants("GET", "/hello", "", "", http.StatusOK)
	s.wants("HEAD", "/hello", "", "", http.StatusOK)
	for _, path := range []string{"/", "/mcp", "/other", "/hello/", "/hell%6f", "//hello", "/HELLO", "/hello/x"} {
		s.wants("GET", path, "", "", http.StatusUnauthorized)
	}
	for _, path := range []string{"/", "/hello", "/health", "/other"} {
		s.wants("POST", path, "", "", http.StatusUnauthorized)
	}
	s.wants("POST", "/other", s.token(nil), "", http.StatusOK)
}

// A visitor sends requests to a server.
type visitor struct {
	t      *testing.T
	target contract.Target
	origin string
}

func (v visitor) token(claims map[string]any) string {
	v.t.Helper()
	token, err := v.target.Issuer.Mint(claims)
	if err != nil {
		v.t.Fatal(err)
	}
	return token
}

func (v visitor) send(method, path, token, session string) *http.Response {
	v.t.Helper()
	body := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}`
	if method != "POST" {
		body = ""
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.origin+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if session != "" {
		r.Header.Set("Mcp-Session-Id", session)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer
}

func (v visitor) wants(method, path, token, session string, status int) {
	v.t.Helper()
	answer := v.send(method, path, token, session)
	answer.Body.Close()
	if answer.StatusCode != status {
		v.t.Errorf("%s %s: %s, want %d", method, path, answer.Status, status)
	}
}

// open opens a stream of the older transport, and returns where its messages go.
func (v visitor) open(token string) (*http.Response, string) {
	v.t.Helper()
	answer := v.send("GET", "/sse", token, "")
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if path, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			return answer, path
		}
	}
	v.t.Fatalf("%s: no endpoint event: %v", answer.Status, lines.Err())
	return nil, ""
}
