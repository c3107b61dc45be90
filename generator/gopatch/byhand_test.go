package gopatch_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// TestByHand wants refusals to say what to write in the words of the program, and nothing that takes a check from other routes.
func TestByHand(t *testing.T) {
	t.Parallel()
	const made = "server.NewStreamableHTTPServer(s)"
	const chi = `"github.com/go-chi/chi/v5"`
	for _, tc := range []struct{ name, imports, body, want string }{
		{"a key", "", `mux := http.NewServeMux()
	mux.Handle("/mcp", keyed(` + made + `))
	http.ListenAndServe("", mux)`, `
var guarded http.Handler = ` + made + `
if os.Getenv("MCP_OWN_AUTH") != "off" {
	guarded = keyed(guarded)
}
mux.Handle("/mcp", guarded)`},
		{"a key that a router of nothing else uses", chi, `r := chi.NewRouter()
	r.Use(keyed)
	r.Handle("/mcp", ` + made + `)
	http.ListenAndServe("", r)`, `
if os.Getenv("MCP_OWN_AUTH") != "off" {
	r.Use(keyed)
}`},
		{"a key that a router uses", chi, `r := chi.NewRouter()
	r.Use(keyed)
	r.Handle("/mcp", ` + made + `)
	r.Get("/a", f)
	http.ListenAndServe("", r)`, ""},
		{"a key for everything", "", `mux := http.NewServeMux()
	mux.Handle("/mcp", ` + made + `)
	mux.HandleFunc("/a", f)
	http.ListenAndServe("", keyed(mux))`, ""},
		{"a key in a middleware", "", `mux := http.NewServeMux()
	mux.Handle("/mcp", logged(keyed(` + made + `)))
	http.ListenAndServe("", mux)`, `
var guarded http.Handler = ` + made + `
if os.Getenv("MCP_OWN_AUTH") != "off" {
	guarded = keyed(guarded)
}
mux.Handle("/mcp", logged(guarded))`},
		{"out of sight", "", `endpoint := ` + made + `
	hidden(endpoint)`, `
log.Fatal(http.ListenAndServe("127.0.0.1:3002", endpoint))`},
		{"out of sight without a name", "", `hidden(` + made + `)`, `
log.Fatal(http.ListenAndServe("127.0.0.1:3002", ` + made + `))`},
		{"stdio", "", `hidden(server.NewStdioServer(s))`, `
server.ServeStdio(s)`},
		{"the token is passed on", "", `_ = server.WithHTTPContextFunc(nil)
	in, out := new(http.Request), new(http.Request)
	out.Header.Set("Authorization", in.Header.Get("Authorization"))
	http.ListenAndServe("", ` + made + `)`, `
out.Header.Set("Authorization", "Bearer "+os.Getenv("UPSTREAM_TOKEN"))`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey := surveyed(t, program(tc.imports, tc.body))
			server, err := survey.Choose("")
			if err == nil {
				_, err = survey.Endpoint(server, "")
			}
			r, ok := errors.AsType[*refusal.Refusal](err)
			if !ok {
				t.Fatalf("%v is no refusal", err)
			}
			if got := strings.Join(r.ByHand, "\n"); got != strings.TrimPrefix(tc.want, "\n") || (got != "") != strings.HasSuffix(r.Reason, ":") {
				t.Errorf("%v, by hand:\n%s\nwant:%s", r, got, tc.want)
			}
		})
	}
}

// TestByHandWithoutMCP is the same for programs that do not serve MCP.
func TestByHandWithoutMCP(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, wanted, want string }{
		{"the path is taken", `
	http.HandleFunc("/", nil)
	http.HandleFunc("/mcp", nil)
	http.HandleFunc("/ai/mcp", nil)
	http.ListenAndServe("", nil)`, "", "--mcp-path /mcp/v1"},
		{"the chosen path is taken", `
	http.HandleFunc("/ai", nil)
	http.ListenAndServe("", nil)`, "/ai", "--mcp-path /mcp"},
		{"the metadata is taken", `
	http.HandleFunc("/.well-known/oauth-protected-resource", nil)
	http.ListenAndServe("", nil)`, "", `go func() { log.Fatal(http.ListenAndServe("127.0.0.1:3002", http.NotFoundHandler())) }()`},
		{"a handler is made of another", `
	mux := http.NewServeMux()
	s := &http.Server{Handler: mux}
	if len("") == 0 {
		s.Handler = http.MaxBytesHandler(s.Handler, 1)
	}
	s.ListenAndServe()`, "", `var handler http.Handler = mux
handler = http.MaxBytesHandler(handler, 1)
Handler: handler,`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey := find(t, head+"func main() {"+tc.body+"\n}\n")
			server, err := survey.Choose("")
			if err == nil {
				_, err = survey.Endpoint(server, tc.wanted)
			}
			r, ok := errors.AsType[*refusal.Refusal](err)
			if !ok {
				t.Fatalf("%v is no refusal", err)
			}
			if got := strings.Join(r.ByHand, "\n"); got != tc.want {
				t.Errorf("%v, by hand:\n%s\nwant:\n%s", r, got, tc.want)
			}
		})
	}
}
