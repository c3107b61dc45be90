package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.com/res-audience/internal/config"
)

func public(cfg *config.Config) {
	cfg.Loopback = false
	cfg.Resource = &url.URL{Scheme: "https", Host: "MCP.example.com", Path: "/mcp"}
}

func allowApp(cfg *config.Config) { cfg.AllowedOrigins = []string{"https://app.example.com"} }

func TestC14Origin(t *testing.T) {
	t.Parallel()
	local, remote := newSite(t, allowApp), newSite(t, allowApp, public)
	for _, test := range []struct {
		site    *site
		origins []string
		allowed bool
	}{
		{local, nil, true},
		{local, []string{local.origin}, true},
		{local, []string{"https://app.example.com"}, true},
		{local, []string{"http://localhost:6274"}, true},
		{local, []string{"https://[::1]"}, true},
		{local, []string{"https://evil.example"}, false},
		{local, []string{"http://app.example.com"}, false},
		{local, []string{"https://app.example.com:8443"}, false},
		{local, []string{"https://app.example.com.evil.example"}, false},
		{local, []string{"http://localhost.evil.example"}, false},
		{local, []string{"http://127.0.0.1.evil.example"}, false},
		{local, []string{"http://localhost@evil.example"}, false},
		{local, []string{"http://localhost/"}, false},
		{local, []string{"file://localhost"}, false},
		{local, []string{"null"}, false},
		{local, []string{""}, false},
		{local, []string{"https://app.example.com", "https://evil.example"}, false},
		{remote, []string{"https://mcp.example.com"}, true},
		{remote, []string{"https://app.example.com"}, true},
		{remote, []string{"http://mcp.example.com"}, false},
		{remote, []string{"http://localhost:6274"}, false},
		{remote, []string{remote.origin}, false},
	} {
		var headers []string
		for _, origin := range test.origins {
			headers = append(headers, "Origin: "+origin)
		}
		good, none := 200, 401
		if !test.allowed {
			good, none = 403, 403 // whoever asks: the check stands before authentication
		}
		if a := test.site.mcp(t, test.site.Mint(nil), callTool("read"), headers...); a.status != good {
			t.Errorf("%q with a token: got %d, want %d", test.origins, a.status, good)
		}
		if a := test.site.do(t, http.MethodPost, "/mcp", "", headers...); a.status != none {
			t.Errorf("%q without a token: got %d, want %d", test.origins, a.status, none)
		}
	}
}

func TestC14Host(t *testing.T) {
	t.Parallel()
	local := newSite(t)
	proxied := newSite(t, public, func(cfg *config.Config) { cfg.Loopback = true })
	remote := newSite(t, public)
	for _, test := range []struct {
		site    *site
		host    string
		allowed bool
	}{
		{local, "localhost", true},
		{local, "LOCALHOST:1", true},
		{local, "127.0.0.1", true},
		{local, "127.1.2.3:80", true},
		{local, "[::1]:80", true},
		{local, "[::1]", true},
		{local, "evil.example", false},
		{local, "mcp.example.com", false},
		{local, "localhost.evil.example:80", false},
		{local, "127.0.0.1.evil.example", false},
		{local, "192.168.0.1", false},
		{proxied, "mcp.example.com", true},
		{proxied, "mcp.example.com:443", true},
		{proxied, "localhost", true},
		{proxied, "evil.example", false},
		{remote, "any.example", true},
	} {
		for path, status := range map[string]int{"/health": 200, wellKnown: 200, "/mcp": 401} {
			if !test.allowed {
				status = 403
			}
			if a := test.site.do(t, http.MethodGet, path, "", "Host: "+test.host); a.status != status {
				t.Errorf("%s%s: got %d, want %d", test.host, path, a.status, status)
			}
		}
		if a := test.site.mcp(t, test.site.Mint(nil), callTool("read"), "Host: "+test.host); (a.status == 200) != test.allowed {
			t.Errorf("%s, with a token: got %d, %s; want allowed %v", test.host, a.status, a.body, test.allowed)
		}
	}
}

func TestC15Preflight(t *testing.T) {
	t.Parallel()
	s := newSite(t, allowApp)
	ask := func(origin string) answer {
		return s.do(t, http.MethodOptions, "/mcp", "", "Origin: "+origin,
			"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type")
	}
	a := ask("https://app.example.com")
	if a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "https://app.example.com" {
		t.Errorf("got %d, %v", a.status, a.header)
	}
	if methods := list(a, "Access-Control-Allow-Methods"); !slices.Contains(methods, "post") {
		t.Errorf("got methods %v, want post", methods)
	}
	allowed := list(a, "Access-Control-Allow-Headers")
	for _, name := range []string{"authorization", "content-type", "accept", "mcp-protocol-version",
		"mcp-session-id", "mcp-method", "mcp-name", "last-event-id"} {
		if !slices.Contains(allowed, name) {
			t.Errorf("the header %s is not allowed: %v", name, allowed)
		}
	}
	if a.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Error("credentials mode is allowed")
	}
	if a := ask("https://evil.example"); a.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("foreign origin: got %d, %v", a.status, a.header)
	}
}

// list returns the comma separated values of a header in lower case.
func list(a answer, header string) []string {
	return strings.Split(strings.ToLower(strings.ReplaceAll(strings.Join(a.header.Values(header), ","), " ", "")), ",")
}

func TestC15HeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t, allowApp)
	const origin = "https://app.example.com"
	for want, ask := range map[int]func(...string) answer{
		200: func(h ...string) answer { return s.mcp(t, s.Mint(nil), callTool("read"), h...) },
		400: func(h ...string) answer { return s.mcp(t, s.Mint(nil), "", h...) },
		401: func(h ...string) answer { return s.mcp(t, "", "", h...) },
		403: func(h ...string) answer { return s.mcp(t, s.Mint(nil), callTool("write"), h...) },
	} {
		a := ask("Origin: " + origin)
		exposed := list(a, "Access-Control-Expose-Headers")
		if a.status != want || a.header.Get("Access-Control-Allow-Origin") != origin || !slices.Contains(list(a, "Vary"), "origin") ||
			!slices.Contains(exposed, "www-authenticate") || !slices.Contains(exposed, "mcp-session-id") {
			t.Errorf("want %d for %s, got %d, %v", want, origin, a.status, a.header)
		}
		if a := ask(); a.header.Get("Access-Control-Allow-Origin") != "" || !slices.Contains(list(a, "Vary"), "origin") {
			t.Errorf("%d without Origin: got %v", want, a.header)
		}
	}
}
