package replay_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/replay"
)

func TestFill(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"/":                       "/",
		"/{$}":                    "/",
		"/users/{id}":             "/users/1",
		"/users/{id}/files/":      "/users/1/files/",
		"/files/{path...}":        "/files/1",
		"/users/{id:[0-9]{1,3}}":  "/users/1",
		"/dates/{y:\\d+}-{m:a/b}": "/dates/1-1",
		"/users/:id/posts":        "/users/1/posts",
		"/v:version":              "/v1",
		"/static/*filepath":       "/static/1",
		"/static/*":               "/static/1",
		"/a b/ü?":                 "/a%20b/%C3%BC%3F",
		"/%41":                    "/%41",
		"/open{":                  "/open%7B",
		"users":                   "/users",
	} {
		if got := replay.Fill(pattern); got != want {
			t.Errorf("%s: got %s, want %s", pattern, got, want)
		}
	}
}

func FuzzFill(f *testing.F) {
	f.Add("/a/{b:[0-9]{2}}/*c")
	f.Fuzz(func(t *testing.T, pattern string) {
		path := replay.Fill(pattern)
		if u, err := url.Parse("http://127.0.0.1" + path); err == nil && u.Host != "127.0.0.1" || !strings.HasPrefix(path, "/") {
			t.Errorf("%q leads to %q: %v", pattern, path, err)
		}
	})
}

func TestRequestsAskEachPathOnceAndNothingThatIsOurs(t *testing.T) {
	t.Parallel()
	routes := []replay.Route{{"", "/users/{id}", "a.go:1"}, {"", "/users/{name}", "a.go:2"}, {"", "/mcp", "a.go:3"}, {"{sub}.example", "/users/{id}", "a.go:4"}}
	requests := replay.Requests(routes, "/mcp", func(path string) bool { return path == "/mcp" })
	seen := make(map[string]bool)
	for _, r := range requests {
		if seen[r.Method+r.Host+r.Path] || r.Path == "/mcp" {
			t.Errorf("%s %s is asked", r.Method, r.Path)
		}
		if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, r.Method) {
			t.Errorf("%s may change something", r.Method)
		}
		seen[r.Method+r.Host+r.Path] = true
	}
	if first := requests[0]; first != (replay.Request{Method: "GET", Path: "/users/1", Route: "/users/{id}", Position: "a.go:1"}) {
		t.Errorf("the first is %+v", first)
	}
	if !seen["GET/mcp-not-there"] || !seen["OPTIONS/"] || !seen["GET1.example/users/1"] || len(requests) < 30 {
		t.Errorf("asked %v", seen)
	}
}

func TestRemarksPutMethodsTogether(t *testing.T) {
	t.Parallel()
	row := func(method, path, route string, v replay.Verdict) replay.Row {
		return replay.Row{Request: replay.Request{Method: method, Path: path, Route: route}, Verdict: v, Fields: []replay.Field{{"body", "1", "2"}}}
	}
	table := replay.Table{Rows: []replay.Row{
		row("GET", "/a", "/a", replay.Varies), row("HEAD", "/a", "/a", replay.Identical), row("OPTIONS", "/a", "/a", replay.Varies),
		row("GET", "/b", "/b", replay.Varies), row("GET", "/stranger", "", replay.Varies), row("GET", "/c", "", replay.Differs),
	}}
	want := []string{"GET /c: differs\n  body: 1 → 2", "GET, OPTIONS /a: varies by itself in body", "GET /b: varies by itself in body"}
	if got := table.Remarks(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnaskedNamesFiveAtMost(t *testing.T) {
	t.Parallel()
	table := replay.Table{Unknown: []string{"a:1", "a:2"}}
	if got := table.Unasked(); !strings.HasSuffix(got, "answered: a:1, a:2") {
		t.Errorf("got %q", got)
	}
	table.Unknown = strings.Split("1234567", "")
	if got := table.Unasked(); !strings.HasSuffix(got, ": 1, 2, 3, 4, 5 and 2 more") || (replay.Table{}).Unasked() != "" {
		t.Errorf("got %q", got)
	}
}

func TestSummaryCountsPathsByTheWorstOfTheirMethods(t *testing.T) {
	t.Parallel()
	row := func(method, path, route string, v replay.Verdict) replay.Row {
		return replay.Row{Request: replay.Request{Method: method, Path: path, Route: route}, Verdict: v}
	}
	table := replay.Table{
		Rows: []replay.Row{
			row("GET", "/a", "/a", replay.Identical), row("HEAD", "/a", "/a", replay.Identical),
			row("GET", "/b", "/b", replay.Varies), row("HEAD", "/b", "/b", replay.Identical),
			row("GET", "/c", "/c", replay.Varies), row("HEAD", "/c", "/c", replay.Differs),
			row("GET", "/d", "", replay.Identical),
		},
		Added: []replay.Field{{Name: "/mcp"}},
	}
	const want = "1 routes identical, 1 that vary by themselves, 1 different, 1 added, 1 other paths identical"
	if got := table.Summary(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
