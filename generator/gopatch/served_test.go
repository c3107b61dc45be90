package gopatch_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// TestServedMCP wants of programs that serve MCP the path of clients, and what needs a token: the patterns of paths, or all but
// the open ones. A line of imports stands before the body of main.
func TestServedMCP(t *testing.T) {
	t.Parallel()
	const made = "server.NewStreamableHTTPServer(s)"
	for _, tc := range []struct{ name, imports, body, wanted, want string }{
		{"a mux", "", `mux := http.NewServeMux(); mux.HandleFunc("/a", f); mux.Handle("/mcp", ` + made + `); http.ListenAndServe("", mux)`, "", "/mcp: [/mcp]"},
		{"the default mux", "", `http.Handle("/mcp", ` + made + `); http.ListenAndServe("", nil)`, "", "/mcp: [/mcp]"},
		{"below a path", "", `mux := http.NewServeMux(); mux.Handle("/mcp/", ` + made + `); http.ListenAndServe("", mux)`, "", "/mcp/: [/mcp/]"},
		{"both spellings", "", `h := ` + made + `; mux := http.NewServeMux(); mux.Handle("/mcp", h); mux.Handle("/mcp/", h); http.ListenAndServe("", mux)`, "", "/mcp: [/mcp /mcp/]"},
		{"a prefix that is taken off", "", `mux := http.NewServeMux(); mux.Handle("/mcp", ` + made + `)
			root := http.NewServeMux(); root.Handle("/api/", http.StripPrefix("/api", mux)); http.ListenAndServe("", root)`, "", "/api/mcp: [/api/mcp]"},
		{"a method value in a middleware", "", `h := ` + made + `; mux := http.NewServeMux(); mux.Handle("/mcp", logged(h)); http.ListenAndServe("", logged(mux))`, "", "/mcp: [/mcp]"},
		{"a function", "", `h := ` + made + `; mux := http.NewServeMux()
			mux.HandleFunc("/MCP", func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }); http.ListenAndServe("", mux)`, "", "/MCP: [/mcp]"},
		{"a group of chi", `"github.com/go-chi/chi/v5"`, `r := chi.NewRouter(); r.Route("/v1", func(r chi.Router) { r.Handle("/mcp", ` + made + `) }); http.ListenAndServe("", r)`, "", "/v1/mcp: [/v1/mcp]"},
		{"echo", `"github.com/labstack/echo/v4"`, `e := echo.New(); e.Add("POST", "/mcp", echo.WrapHandler(` + made + `)); e.Start("")`, "", "/mcp: [/mcp]"},
		{"both transports", "", `older := server.NewSSEServer(s); mux := http.NewServeMux(); mux.Handle("/sse", older); mux.Handle("/message", older)
			mux.Handle("/mcp", ` + made + `); http.ListenAndServe("", mux)`, "", "/mcp: [/mcp /message /sse]"},
		{"the older transport", "", `older := server.NewSSEServer(s); mux := http.NewServeMux(); mux.Handle("/x/sse", older.SSEHandler()); mux.Handle("/x/message", older.MessageHandler())
			http.ListenAndServe("", mux)`, "", "/x/sse: [/x/message /x/sse]"},
		{"a variable path", "", `older := server.NewSSEServer(s); mux := http.NewServeMux(); mux.Handle("/t/{id}/sse", older.SSEHandler()); mux.Handle("/t/{id}/message", older.MessageHandler())
			http.ListenAndServe("", mux)`, "/t/a/sse", "/t/a/sse: [/t/*/message /t/*/sse]"},
		{"no router", "", `http.ListenAndServe("", ` + made + `)`, "", "/mcp: all but []"},
		{"every path", "", `mux := http.NewServeMux(); mux.HandleFunc("GET /a", f); mux.HandleFunc("/b/", f); mux.HandleFunc("/c", f); mux.HandleFunc("h.example/d", f)
			mux.Handle("/", ` + made + `); http.ListenAndServe("", mux)`, "", "/mcp: all but [/c GET /a]"},
		{"a flag", "", `mux := http.NewServeMux(); mux.Handle(path(), ` + made + `); http.ListenAndServe("", mux)`, "", "RF-PATH"},
		{"a flag with a default", `"flag"`, `at := flag.String("path", "/x", "where"); mux := http.NewServeMux(); mux.Handle(*at, ` + made + `); mux.HandleFunc("/a", f); http.ListenAndServe("", mux)`, "", "/x: all but [/a]"},
		{"a variable of a flag", `"flag"`, `var at string; flag.StringVar(&at, "path", "/x", "where"); mux := http.NewServeMux(); mux.Handle(at, ` + made + `); http.ListenAndServe("", mux)`, "", "/x: all but []"},
		{"a setting with a default", "", `at := "/x"; if p := path(); p != "" { at = p }; mux := http.NewServeMux(); mux.Handle(at, ` + made + `); http.ListenAndServe("", mux)`, "", "/x: all but []"},
		{"a setting with two", "", `at := "/x"; if path() != "" { at = "/y" }; mux := http.NewServeMux(); mux.Handle(at, ` + made + `); http.ListenAndServe("", mux)`, "", "RF-PATH"},
		{"a flag, answered", "", `mux := http.NewServeMux(); mux.HandleFunc("/a", f); mux.Handle(path(), ` + made + `); http.ListenAndServe("", mux)`, "/mcp", "/mcp: all but [/a]"},
		{"a rewritten path", "", `mux := http.NewServeMux(); mux.HandleFunc("/a", f); mux.Handle("/mcp", ` + made + `)
			http.ListenAndServe("", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { r.URL.Path = r.URL.Path[1:]; mux.ServeHTTP(w, r) }))`, "", "/mcp: all but [/a]"},
		{"one that is served out of sight", "", `mux := http.NewServeMux(); mux.Handle("/mcp", ` + made + `); hidden(server.NewSSEServer(s)); http.ListenAndServe("", mux)`, "", "/mcp: all but []"},
		{"two endpoints", "", `mux := http.NewServeMux(); mux.Handle("/a", ` + made + `); mux.Handle("/b", server.NewStreamableHTTPServer(s)); http.ListenAndServe("", mux)`, "", "RF-PATH"},
		{"two endpoints, chosen", "", `mux := http.NewServeMux(); mux.Handle("/a", ` + made + `); mux.Handle("/b", server.NewStreamableHTTPServer(s)); http.ListenAndServe("", mux)`, "/b", "/b: [/a /b]"},
		{"not there", "", `mux := http.NewServeMux(); mux.Handle("/mcp", ` + made + `); http.ListenAndServe("", mux)`, "/other", "RF-PATH"},
		{"modes of a switch", "", `mux := http.NewServeMux(); switch path() {
			case "sse": mux.Handle("/sse", server.NewSSEServer(s)); http.ListenAndServe("", mux)
			default: other := http.NewServeMux(); other.Handle("/mcp", ` + made + `); http.ListenAndServe("", other) }`, "", "/mcp: [/mcp /sse]"},
		{"modes of a switch that falls through", "", `mux := http.NewServeMux(); switch path() {
			case "sse": mux.Handle("/sse", server.NewSSEServer(s)); go http.ListenAndServe("", mux); fallthrough
			default: other := http.NewServeMux(); other.Handle("/mcp", ` + made + `); http.ListenAndServe("", other) }`, "", "RF-MULTI"},
		{"modes in branches", "", `if path() == "" { http.ListenAndServe("", logged(server.NewSSEServer(s))) } else { http.ListenAndServe("", ` + made + `) }`, "", "/mcp: all but []"},
		{"a mode that ends the program", "", `mux := http.NewServeMux(); mux.Handle("/sse", server.NewSSEServer(s)); if path() == "" { http.ListenAndServe("", mux); return }
			other := http.NewServeMux(); other.Handle("/mcp", ` + made + `); http.ListenAndServe("", other)`, "", "/mcp: [/mcp /sse]"},
		{"a server that ends its own function", "", `mux := http.NewServeMux(); mux.Handle("/sse", server.NewSSEServer(s)); go func() { http.ListenAndServe("", mux); return }()
			other := http.NewServeMux(); other.Handle("/mcp", ` + made + `); http.ListenAndServe("", other)`, "", "RF-MULTI"},
		{"modes in turn", "", `mux, other := http.NewServeMux(), http.NewServeMux(); mux.Handle("/sse", server.NewSSEServer(s)); other.Handle("/mcp", ` + made + `)
			for range 2 { switch path() { case "sse": go http.ListenAndServe("", mux); default: go http.ListenAndServe("", other) } }`, "", "RF-MULTI"},
		{"started with a server of its own", "", `srv := &http.Server{}; h := server.NewStreamableHTTPServer(s, server.WithStreamableHTTPServer(srv)); mux := http.NewServeMux()
			mux.Handle("/x", h); srv.Handler = mux; h.Start("")`, "", "/x: [/x]"},
		{"started", "", made + `.Start("")`, "", "/mcp: all but []"},
		{"started elsewhere", "", `server.NewStreamableHTTPServer(s, server.WithEndpointPath("x/"), server.WithStateLess(true)).Start("")`, "", "/x: all but []"},
		{"started at a flag", "", `server.NewStreamableHTTPServer(s, server.WithEndpointPath(path())).Start("")`, "", "RF-PATH"},
		{"older, started", "", `server.NewSSEServer(s, server.WithStaticBasePath("/api"), server.WithSSEEndpoint("/events")).Start("")`, "", "/api/events: all but []"},
		{"nowhere", "", `hidden(` + made + `); http.ListenAndServe("", http.NewServeMux())`, "", "RF-MCP"},
		{"metadata of its own", "", `mux := http.NewServeMux(); mux.HandleFunc("/.well-known/oauth-protected-resource", f); mux.Handle("/mcp", ` + made + `); http.ListenAndServe("", mux)`, "", "RF-AUTH"},
		{"an option of the SDK", "", `http.ListenAndServe("", server.NewStreamableHTTPServer(s, server.WithProtectedResourceMetadata(nil)))`, "", "RF-AUTH"},
		{"a key", "", `mux := http.NewServeMux(); mux.Handle("/mcp", keyed(` + made + `)); http.ListenAndServe("", mux)`, "", "RF-AUTH"},
		{"a key for everything", "", `mux := http.NewServeMux(); mux.Handle("/mcp", ` + made + `); http.ListenAndServe("", keyed(mux))`, "", "RF-AUTH"},
		{"a key that a router uses", `"github.com/go-chi/chi/v5"`, `r := chi.NewRouter(); r.Use(keyed); r.Handle("/mcp", ` + made + `); http.ListenAndServe("", r)`, "", "RF-AUTH"},
		{"a key for something else", "", `mux := http.NewServeMux(); mux.Handle("/a", keyed(http.HandlerFunc(f))); mux.Handle("/mcp", ` + made + `); http.ListenAndServe("", mux)`, "", "/mcp: [/mcp]"},
		{"a key under a condition", "", `var h http.Handler = ` + made + `; if path() != "" { h = keyed(h) }; mux := http.NewServeMux(); mux.Handle("/mcp", h); http.ListenAndServe("", mux)`, "", "/mcp: [/mcp]"},
		{"stdio", "", `server.ServeStdio(s)`, "", "/: [] over stdio"},
		{"stdio by hand", "", `hidden(server.NewStdioServer(s))`, "", "RF-SHAPE"},
		{"stdio beside", "", `server.ServeStdio(s); mux := http.NewServeMux(); mux.Handle("/mcp", ` + made + `); http.ListenAndServe("", mux)`, "", "/mcp: [/mcp]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey := surveyed(t, program(tc.imports, tc.body))
			if got := describe(survey, tc.wanted); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func program(imports, body string) string {
	return `package main
import (
	"net/http"
	"github.com/mark3labs/mcp-go/server"
	` + imports + `
)
func main() {
	s := server.NewMCPServer("", "")
	_ = s
	` + body + `
}
func path() (p string) { return }
func f(http.ResponseWriter, *http.Request) {}
func hidden(any) {}
func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { println(r.URL.Path); next.ServeHTTP(w, r) })
}
func keyed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != path() { w.WriteHeader(http.StatusUnauthorized); return }
		next.ServeHTTP(w, r)
	})
}
`
}

// describe is what becomes of the program's MCP.
func describe(survey *gopatch.Survey, wanted string) string {
	server, err := survey.Choose("")
	var e gopatch.Endpoint
	if err == nil {
		e, err = survey.Endpoint(server, wanted)
	}
	if refusal, ok := errors.AsType[*refusal.Refusal](err); ok {
		return refusal.Code
	}
	traits := e.Traits()
	switch {
	case err != nil:
		return err.Error()
	case e.Stdio:
		return fmt.Sprintf("%s: %v over stdio", e.Path, e.Patterns)
	case slices.Contains(traits, "listed"):
		return fmt.Sprintf("%s: %v", e.Path, e.Patterns)
	}
	return strings.TrimSpace(fmt.Sprintf("%s: all but %v", e.Path, e.Open))
}
