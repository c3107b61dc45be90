package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"example.com/path-mcp/internal/auth"
	"example.com/path-mcp/internal/authtest"
	"example.com/path-mcp/internal/config"
	"example.com/path-mcp/internal/protocol"
)

type object = map[string]any

// site is a server on loopback, with tools made for these tests, and its authorization server.
type site struct {
	*authtest.Issuer
	origin string // http://127.0.0.1:port
	path   string // of the MCP endpoint
	log    logBuffer

	ran     atomic.Int64  // calls of the tool "write"
	entered chan struct{} // receives for every call of the tool "wait"
	release chan struct{} // ends the calls of the tool "wait" when closed
}

// newSite returns a site whose MCP endpoint is at /mcp.
func newSite(t *testing.T, changes ...func(*config.Config)) *site {
	return newSiteAt(t, "/mcp", authtest.Start(t), changes...)
}

func newSiteAt(t *testing.T, path string, issuer *authtest.Issuer, changes ...func(*config.Config)) *site {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	s := &site{Issuer: issuer, origin: "http://" + srv.Listener.Addr().String(), path: path}
	s.entered, s.release = make(chan struct{}), make(chan struct{})
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	cfg, err := config.Load(issuer.Getenv(s.origin+path, port), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(&cfg)
	}
	log := slog.New(slog.NewJSONHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	srv.Config.Handler = New(t.Context(), cfg, path, protocol.Handler(requireScopes(s.tools()), cfg.MaxBodyBytes, log), log)
	srv.Start()
	t.Cleanup(srv.Close)
	return s
}

// tools has four: "read", "write", which needs two scopes, "caller", and "wait", which waits for release.
func (s *site) tools() *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "test"}, &mcp.ServerOptions{Capabilities: &mcp.ServerCapabilities{}})
	add := func(name string, answer func(*mcp.CallToolRequest) any) {
		mcp.AddTool(server, &mcp.Tool{Name: name},
			func(_ context.Context, req *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
				return nil, answer(req), nil
			})
	}
	add("read", func(*mcp.CallToolRequest) any { return "read" })
	add("write", func(*mcp.CallToolRequest) any { return s.ran.Add(1) })
	add("caller", func(req *mcp.CallToolRequest) any { return auth.CallerOf(req) })
	add("wait", func(*mcp.CallToolRequest) any {
		s.entered <- struct{}{}
		<-s.release
		return "waited"
	})
	return server
}

func requireScopes(tools *mcp.Server) *mcp.Server {
	tools.AddReceivingMiddleware(auth.RequireScopes(auth.ToolScopes{
		"write": {"notes:read", "notes:write"},
		"erase": {"notes:erase"},
	}))
	return tools
}

type answer struct {
	status int
	header http.Header
	body   string
}

// params are the parameters of the challenge.
func (a answer) params() map[string]string {
	params := make(map[string]string)
	for _, m := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(a.header.Get("WWW-Authenticate"), -1) {
		params[m[1]] = m[2]
	}
	return params
}

// do sends a request with headers of the form "Name: value", without following redirects.
func (s *site) do(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.origin+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Add(name, value)
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("reading the answer: %v", err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// mcp sends an MCP message to the endpoint.
func (s *site) mcp(t *testing.T, token, message string, headers ...string) answer {
	t.Helper()
	return s.do(t, http.MethodPost, s.path, message, append(headers, "Authorization: Bearer "+token,
		"Content-Type: application/json", "Accept: application/json, text/event-stream")...)
}

// callTool is an MCP message of the revisions before 2026-07-28.
func callTool(name string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + name + `","arguments":{}}}`
}

// logBuffer is a log that may be written and read at one time.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
