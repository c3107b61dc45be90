package server

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"example.com/scopes/internal/authtest"
	"example.com/scopes/internal/config"
)

func TestC01C02Metadata(t *testing.T) {
	t.Parallel()
	const document = `{"resource":"x","scopes_supported":["a"],"bearer_methods_supported":["header"],"x_other":{"k":[1.50,"<é>"]}}`
	for mcpPath, paths := range map[string][]string{
		"/":        {wellKnown, wellKnown + "/"},
		"/mcp":     {wellKnown, wellKnown + "/", wellKnown + "/mcp", wellKnown + "/mcp/"},
		"/a/b/mcp": {wellKnown, wellKnown + "/a/b/mcp"},
	} {
		s := newSiteAt(t, mcpPath, authtest.Start(t), func(cfg *config.Config) { cfg.Metadata = []byte(document) })
		for _, path := range paths {
			get := s.do(t, http.MethodGet, path, "")
			if get.status != 200 || get.header.Get("Content-Type") != "application/json" || get.body != document {
				t.Errorf("GET %s: got %+v", path, get)
			}
			head := s.do(t, http.MethodHead, path, "")
			if head.status != 200 || head.header.Get("Content-Type") != "application/json" || head.body != "" {
				t.Errorf("HEAD %s: got %+v", path, head)
			}
			options := s.do(t, http.MethodOptions, path, "", "Origin: https://any.example", "Access-Control-Request-Method: GET")
			if options.status != 204 || options.header.Get("Access-Control-Allow-Methods") == "" {
				t.Errorf("OPTIONS %s: got %+v", path, options)
			}
			for _, a := range []answer{get, head, options} {
				if a.header.Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("%s: got %v, want any origin allowed", path, a.header)
				}
			}
			if post := s.do(t, http.MethodPost, path, "{}"); post.status != 405 || post.header.Get("Allow") == "" {
				t.Errorf("POST %s: got %+v", path, post)
			}
		}
		if a := s.do(t, http.MethodGet, wellKnown+"/other", ""); a.status != 404 {
			t.Errorf("GET %s/other: got %d, want 404", wellKnown, a.status)
		}
	}
}

// The configured JSON is served with every field as it is, and the challenge leads to it.
func TestC02ChallengeLeadsToTheMetadata(t *testing.T) {
	t.Parallel()
	for mcpPath, suffix := range map[string]string{"/": "", "/mcp": "/mcp"} {
		s := newSiteAt(t, mcpPath, authtest.Start(t))
		for _, headers := range [][]string{nil, {"X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "Host: localhost"}} {
			refused := s.do(t, http.MethodPost, mcpPath, "", headers...)
			if got, want := refused.params()["resource_metadata"], s.origin+wellKnown+suffix; got != want {
				t.Errorf("%v: got %s, want %s", headers, got, want)
			}
		}
		var got, want object
		json.Unmarshal([]byte(s.do(t, http.MethodGet, wellKnown+suffix, "").body), &got)
		json.Unmarshal([]byte(s.Getenv(s.origin+mcpPath, "")("PROTECTED_RESOURCE_METADATA")), &want)
		if len(want) == 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestC03Health(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	get := s.do(t, http.MethodGet, "/health", "")
	if get.status != 200 || get.body != `{"status":"healthy"}` || get.header.Get("Content-Type") != "application/json" {
		t.Errorf("GET: got %+v", get)
	}
	if head := s.do(t, http.MethodHead, "/health", ""); head.status != 200 || head.body != "" {
		t.Errorf("HEAD: got %+v", head)
	}
	if post := s.do(t, http.MethodPost, "/health", ""); post.status != 405 {
		t.Errorf("POST: got %+v", post)
	}
}

func TestC16NoRedirects(t *testing.T) {
	t.Parallel()
	for mcpPath, paths := range map[string][]string{"/": {"/"}, "/mcp": {"/mcp", "/mcp/"}} {
		s := newSiteAt(t, mcpPath, authtest.Start(t))
		for _, s.path = range paths {
			if a := s.mcp(t, s.Mint(nil), callTool("read")); a.status != 200 || !strings.Contains(a.body, "read") {
				t.Errorf("POST %s: got %+v", s.path, a)
			}
			if a := s.mcp(t, "", callTool("read")); a.status != 401 {
				t.Errorf("POST %s without a token: got %+v", s.path, a)
			}
		}
		if a := s.do(t, http.MethodPost, paths[len(paths)-1]+"other", ""); a.status != 404 {
			t.Errorf("POST below %s: got %d, want 404", mcpPath, a.status)
		}
	}
}
