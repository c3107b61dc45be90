package gopatch_test

import (
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
)

func TestCheckPublic(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		patterns []string
		want     string
	}{
		{[]string{"/a", "GET /b/{id}", "POST example.com/c/", "/d/{rest...}", "OPTIONS /", "GET /"}, ""},
		{[]string{"/"}, `"/" makes every route public`},
		{[]string{"/{rest...}"}, `"/{rest...}" makes every route public`},
		{[]string{"/a", "/a"}, ""},
		{[]string{"/a/{x}", "/{y}/b"}, ""},
		{[]string{"a"}, `"a" is not a pattern`},
		{[]string{""}, `"" is not a pattern`},
		{[]string{"/{"}, `"/{" is not a pattern`},
		{[]string{"GET  /a b"}, ""},
		{[]string{"/a/../b"}, ""},
	} {
		err := gopatch.CheckPublic(tc.patterns)
		if (err == nil) != (tc.want == "") || err != nil && (!strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), ".go:") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v, want %q", tc.patterns, err, tc.want)
		}
	}
}

func TestProtectAll(t *testing.T) {
	t.Parallel()
	const imports = "package main\n\nimport (\n\t\"net/http\"\n\n\t\"github.com/go-chi/chi/v5\"\n\t\"github.com/rs/cors\"\n)\n\nvar (\n\t_ = chi.NewRouter\n\t_ = cors.New\n)\n\n"
	for _, tc := range []struct {
		name, source, public, guarded string
		preflights                    bool
	}{
		{"routes", `
func main() {
	m := http.NewServeMux()
	m.HandleFunc("GET /a", nil)
	m.HandleFunc("POST /a", nil)
	m.HandleFunc("/docs/", nil)
	m.HandleFunc("/docs/secret", nil)
	m.HandleFunc("GET /users/{id}", nil)
	m.HandleFunc("GET /health", nil)
	m.HandleFunc("DELETE /health", nil)
	http.ListenAndServe("", m)
}`, "GET /a, /docs/, /users/{id}", "POST /a; DELETE /health", false},
		{"CORS in front", `
func main() {
	m := http.NewServeMux()
	http.ListenAndServe("", http.MaxBytesHandler(cors.New(cors.Options{}).Handler(m), 1))
}`, "", "", true},
		{"CORS that hands on", `
func main() {
	m := http.NewServeMux()
	http.ListenAndServe("", cors.New(cors.Options{OptionsPassthrough: true}).Handler(m))
}`, "", "", false},
		{"CORS behind something else", `
func main() {
	m := http.NewServeMux()
	http.ListenAndServe("", front(cors.AllowAll().Handler(m)))
}

func front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })
}`, "", "", false},
		{"CORS of chi", `
func main() {
	r := chi.NewRouter()
	r.Use(cors.AllowAll().Handler)
	r.Get("/a", nil)
	http.ListenAndServe("", r)
}`, "", "GET /a", true},
		{"CORS of a group", `
func main() {
	r := chi.NewRouter()
	r.Group(func(r chi.Router) {
		r.Use(cors.AllowAll().Handler)
		r.Get("/a", nil)
	})
	http.ListenAndServe("", r)
}`, "", "GET /a", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey, server := routed(t, imports+tc.source)
			var public []string
			if tc.public != "" {
				public = strings.Split(tc.public, ", ")
			}
			endpoint, err := survey.ProtectAll(server, gopatch.Endpoint{Path: "/mcp"}, public)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(gopatch.Routing{Routes: endpoint.Guarded}); got != tc.guarded || endpoint.Preflights != tc.preflights {
				t.Errorf("got  %s, preflights %v\nwant %s, %v", got, endpoint.Preflights, tc.guarded, tc.preflights)
			}
		})
	}
}
