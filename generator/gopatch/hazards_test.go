package gopatch_test

import (
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
)

func TestNotes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, source, want string }{
		{"shut down", `
func main() {
	s := &http.Server{Handler: http.NewServeMux()}
	go s.ListenAndServe()
	s.Shutdown(nil)
}`, ""},
		{"a field's server is closed", `
type app struct{ s *http.Server }

func (a *app) stop() { a.s.Close() }

func main() {
	a := app{s: &http.Server{Handler: http.NewServeMux()}}
	a.s.ListenAndServe()
}`, ""},
		{"an embedded server is shut down", `
type app struct{ http.Server }

func main() {
	var a app
	a.Handler = http.NewServeMux()
	a.Shutdown(nil)
}`, ""},
		{"another one is shut down", `
func main() {
	metrics := &http.Server{Handler: http.RedirectHandler("", 302)}
	metrics.Shutdown(nil)
	s := &http.Server{Handler: http.NewServeMux()}
	s.ListenAndServe()
}`, "the program never shuts this server down: when it ends, requests are cut off, those to MCP too"},
		{"limits", `
func main() {
	s := &http.Server{Handler: http.NewServeMux(), WriteTimeout: 1}
	s.MaxHeaderBytes = 4096
	s.Close()
}`, "main.go:7: WriteTimeout does not end calls of MCP: the endpoint lifts the deadline for them, and for nothing else; " +
			"main.go:8: MaxHeaderBytes of 4096 refuses access tokens that are longer: set 12288 at least"},
		{"limits of another one", `
func main() {
	m := &http.Server{Handler: http.RedirectHandler("", 302), WriteTimeout: 1, MaxHeaderBytes: 1}
	m.ReadTimeout = 1
	s := &http.Server{Handler: http.NewServeMux()}
	s.Close()
}`, ""},
		{"CORS", `
func cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		next.ServeHTTP(w, r)
	})
}

func main() {
	s := http.Server{Handler: cors(http.NewServeMux())}
	s.Close()
}`, "main.go:8: CORS as it is set here does not hold for MCP: ALLOWED_ORIGINS names the origins whose pages may call it"},
		{"shadowed", `
func main() {
	m := http.NewServeMux()
	m.HandleFunc("GET /", nil)
	m.HandleFunc("/{room}", nil)
	m.HandleFunc("/.well-known/{name}", nil)
	s := http.Server{Handler: m}
	s.Close()
}`, "GET / (main.go:8) no longer sees /mcp, /.well-known/oauth-protected-resource, /.well-known/oauth-protected-resource/mcp; " +
			"/.well-known/{name} (main.go:10) no longer sees /.well-known/oauth-protected-resource; /{room} (main.go:9) no longer sees /mcp; " +
			"/health is the program's, as before; where that finds nothing, the answer is healthy now"},
		{"shadowed alike", `
func main() {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", nil)
	m.HandleFunc("GET /{page}", nil)
	m.HandleFunc("POST /{form}", nil)
	m.HandleFunc("GET /health", nil)
	s := http.Server{Handler: m}
	s.Close()
}`, "POST /{form} (main.go:10), GET /{page} (main.go:9) no longer see /mcp; your /health at main.go:11 stays as it is"},
		{"health of its own", `
func main() {
	m := http.NewServeMux()
	m.HandleFunc("GET /health", nil)
	m.HandleFunc("/{$}", nil)
	s := http.Server{Handler: m}
	s.Close()
}`, "your /health at main.go:8 stays as it is"},
		{"health of another method, and of a mounted router", `
func main() {
	m, api := http.NewServeMux(), http.NewServeMux()
	m.HandleFunc("POST /health", nil)
	api.HandleFunc("GET /health", nil)
	m.Handle("/api/", http.StripPrefix("/api", api))
	s := http.Server{Handler: m}
	s.Close()
}`, ""},
		{"health that cannot be told", `
func main() {
	s := http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	s.Close()
}`, "/health is the program's, as before; where that finds nothing, the answer is healthy now"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey, server := routed(t, head+tc.source)
			endpoint, err := survey.Endpoint(server, "")
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(survey.Notes(server, endpoint), "; "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestBufferOfFiber(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]bool{"": true, "fiber.Config{ReadBufferSize: 4096}": true, "fiber.Config{ReadBufferSize: 16384}": false} {
		survey, server := routed(t, "package main\n\nimport \"github.com/gofiber/fiber/v2\"\n\nfunc main() {\n\tapp := fiber.New("+config+")\n\tapp.Listen(\"\")\n}\n")
		notes := strings.Join(survey.Notes(server, gopatch.Endpoint{Path: "/mcp"}), "; ")
		if got := strings.Contains(notes, "main.go:7: fiber refuses headers that do not fit"); got != want {
			t.Errorf("%q: %s", config, notes)
		}
	}
}

// TestBeforeOfEcho wants what stays in front of MCP to be told, and nothing of an Echo that is not served.
func TestBeforeOfEcho(t *testing.T) {
	t.Parallel()
	for before, want := range map[string]bool{"e.Pre(nil)": true, "e.Use(nil)": false, "other := echo.New(); other.Pre(nil)": false} {
		survey, server := routed(t, "package main\n\nimport \"github.com/labstack/echo/v4\"\n\nfunc main() {\n\te := echo.New()\n\t"+before+"\n\te.Start(\"\")\n}\n")
		notes := strings.Join(survey.Notes(server, gopatch.Endpoint{Path: "/mcp"}), "; ")
		if got := strings.Contains(notes, "main.go:7: what echo runs before it looks for a route stays in front of MCP"); got != want {
			t.Errorf("%q: %s", before, notes)
		}
	}
}

func TestH2C(t *testing.T) {
	t.Parallel()
	const imports = "package main\n\nimport (\n\t\"net/http\"\n\n\t\"golang.org/x/net/http2/h2c\"\n)\n\n"
	for _, tc := range []struct{ name, source, want string }{
		{"literal", `func main() { http.ListenAndServe("", h2c.NewHandler(http.NewServeMux(), nil)) }`, "h2c.NewHandler(withMCP(http.NewServeMux()), nil)"},
		{"variable, twice", `
func main() {
	m := h2c.NewHandler(http.NewServeMux(), nil)
	go http.ListenAndServe("a", m)
	http.ListenAndServeTLS("b", "", "", m)
}`, "m := h2c.NewHandler(withMCP(http.NewServeMux()), nil)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey, server := routed(t, imports+tc.source)
			patch, err := survey.Patch(server)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(patch.Files[0].After); !strings.Contains(got, tc.want) || strings.Count(got, "withMCP") != 1 {
				t.Errorf("got %s\nwant %s", got, tc.want)
			}
		})
	}
}
