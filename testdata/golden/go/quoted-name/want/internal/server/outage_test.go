package server

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/acme/Mixed-Case_server.v2/internal/authtest"
)

func TestC09KeysDownAtStart(t *testing.T) {
	t.Parallel()
	issuer := authtest.Start(t)
	issuer.Answer(authtest.Outage)
	s := newSiteAt(t, "/mcp", issuer)
	if a := s.mcp(t, s.Mint(nil), callTool("read")); a.status != 503 || a.header.Get("Retry-After") == "" || a.header.Get("WWW-Authenticate") != "" {
		t.Errorf("a call: got %+v, want 503 without a challenge", a)
	}
	if a := s.mcp(t, s.Mint(object{"aud": "x"}), callTool("read")); a.status != 401 {
		t.Errorf("a foreign token: got %+v, want 401", a)
	}
	if a := s.do(t, http.MethodGet, "/health", ""); a.status != 200 {
		t.Errorf("/health: got %+v", a)
	}
}

// What needs no key is answered while a call waits for one. The test has the processor for itself: it is a race.
func TestC09KeysHang(t *testing.T) {
	issuer := authtest.Start(t)
	asked := make(chan struct{}, 10)
	issuer.Answer(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		authtest.Hang(w, r)
	})
	s := newSiteAt(t, "/mcp", issuer)
	select {
	case <-asked:
	case <-time.After(5 * time.Second):
		t.Error("the keys are not fetched at the start")
	}
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, s.origin+s.path, nil)
		req.Header.Set("Authorization", "Bearer "+s.Mint(nil))
		if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
			resp.Body.Close()
		}
	}()
	for range 20 {
		for path, status := range map[string]int{"/health": 200, wellKnown: 200, "/mcp": 401} {
			if a := s.do(t, http.MethodGet, path, ""); a.status != status {
				t.Errorf("%s: got %+v, want %d", path, a, status)
			}
		}
	}
	select {
	case <-ended:
		t.Error("the others were answered after the call that waits")
	default:
	}
	leave()
	<-ended
}
