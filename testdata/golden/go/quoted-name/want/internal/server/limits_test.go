package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/acme/Mixed-Case_server.v2/internal/config"
)

func TestC17BodyLimit(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(cfg *config.Config) { cfg.MaxBodyBytes = 1000 })
	body := func(size int) string { return callTool("read") + strings.Repeat(" ", size-len(callTool("read"))) }
	for size, want := range map[int]int{1000: 200, 1001: 413, 1 << 20: 413} {
		if a := s.mcp(t, s.Mint(nil), body(size)); a.status != want {
			t.Errorf("%d bytes: got %d, want %d", size, a.status, want)
		}
	}
	if a := s.mcp(t, "", body(1001)); a.status != 401 {
		t.Errorf("no token: got %d, want 401", a.status)
	}
}

func TestC17TokenLimit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	pad := strings.Repeat("x", 8<<10-len(s.Mint(object{"pad": "..."})))
	for _, test := range []struct {
		pad    string
		status int
	}{{pad[:len(pad)*3/4], 200}, {pad + pad, 401}} {
		if a := s.mcp(t, s.Mint(object{"pad": test.pad}), callTool("read")); a.status != test.status {
			t.Errorf("token with %d more bytes: got %d, want %d", len(test.pad), a.status, test.status)
		}
	}
}

func TestC17RequestsInFlight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.Mint(nil)
	answers := make(chan answer)
	for range 128 {
		go func() { answers <- s.mcp(t, token, callTool("wait")) }()
	}
	for range 128 {
		<-s.entered
	}
	if a := s.mcp(t, token, callTool("read")); a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("one request more: got %+v", a)
	}
	if a := s.mcp(t, "", callTool("read")); a.status != 401 {
		t.Errorf("no token: got %d, want 401", a.status)
	}
	if a := s.do(t, http.MethodGet, "/health", ""); a.status != 200 {
		t.Errorf("/health: got %d, want 200", a.status)
	}
	close(s.release)
	for range 128 {
		if a := <-answers; a.status != 200 {
			t.Errorf("a request in flight: got %+v", a)
		}
	}
	if a := s.mcp(t, token, callTool("read")); a.status != 200 {
		t.Errorf("afterwards: got %+v", a)
	}
}
