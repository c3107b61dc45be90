package gopatch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"golang.org/x/tools/go/packages"
)

// stubs import the packages in testdata/stubs, which have the shape of those that they stand for.
type stubs struct {
	fset *token.FileSet
	seen map[string]*types.Package
}

func (s stubs) Import(path string) (*types.Package, error) {
	file := map[string]string{
		"github.com/go-chi/chi/v5": "chi.go", "github.com/gorilla/mux": "mux.go", "github.com/julienschmidt/httprouter": "httprouter.go",
		"golang.org/x/net/http2/h2c":          "h2c.go",
		"github.com/rs/cors":                  "rscors.go",
		"github.com/go-chi/chi/v5/middleware": "chimiddleware.go", "github.com/gin-gonic/gin": "gin.go", "github.com/labstack/echo/v4": "echo.go", "github.com/gofiber/fiber/v2": "fiber.go",
		"github.com/mark3labs/mcp-go/server": "mcpgo.go", "flag": "flag.go",
	}[path]
	if p := s.seen[path]; p != nil || file == "" {
		if p == nil {
			return standard().Import(path)
		}
		return p, nil
	}
	parsed, err := parser.ParseFile(s.fset, filepath.Join("testdata", "stubs", file), nil, 0)
	if err != nil {
		return nil, err
	}
	p, err := (&types.Config{Importer: s}).Check(path, s.fset, []*ast.File{parsed}, nil)
	s.seen[path] = p
	return p, err
}

// routed returns a program of one file and its server.
func routed(t *testing.T, source string) (*gopatch.Survey, gopatch.Server) {
	t.Helper()
	survey := surveyed(t, source)
	server, err := survey.Choose("")
	if err != nil {
		t.Fatal(err)
	}
	return survey, server
}

func surveyed(t *testing.T, source string) *gopatch.Survey {
	t.Helper()
	const name = "/m/main.go"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection), Instances: make(map[*ast.Ident]types.Instance), Implicits: make(map[ast.Node]types.Object),
	}
	config := types.Config{Importer: stubs{fset, make(map[string]*types.Package)}}
	pkg, err := config.Check("example.com/m", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	p := &packages.Package{Name: file.Name.Name, PkgPath: "example.com/m", Types: pkg, Syntax: []*ast.File{file}, TypesInfo: info, Fset: fset}
	return gopatch.Find(&gosource.Module{
		Dir: "/m", Path: "example.com/m", Files: fset, Program: p, Packages: []*packages.Package{p}, Sources: map[string][]byte{name: []byte(source)},
	})
}

// told shows routes in a line: their methods, hosts and paths, with … for those that take what is below, and ? for what
// may answer more than can be told.
func told(routing gopatch.Routing) string {
	var all []string
	for i, routes := range [][]gopatch.Route{routing.Routes, routing.Unknown} {
		for _, r := range routes {
			text := strings.Join(r.Methods, ",")
			if text != "" {
				text += " "
			}
			text += r.Host + r.Path
			if r.Below {
				text += " …"
			}
			all = append(all, strings.Repeat("?", i)+text)
		}
	}
	return strings.Join(all, "; ")
}

func TestRouting(t *testing.T) {
	t.Parallel()
	const imports = "package main\n\nimport (\n\t\"net/http\"\n\n\t\"github.com/go-chi/chi/v5\"\n\t\"github.com/gorilla/mux\"\n\t\"github.com/julienschmidt/httprouter\"\n)\n\n" +
		"var (\n\t_ = chi.NewRouter\n\t_ = mux.NewRouter\n\t_ = httprouter.New\n)\n\n" +
		"func h(http.ResponseWriter, *http.Request) {}\n\n"
	for _, tc := range []struct{ name, source, want string }{
		{"patterns", `
func main() {
	m := http.NewServeMux()
	m.HandleFunc("GET /a/{id}", h)
	m.HandleFunc("POST example.com/b", h)
	m.HandleFunc("/c/", h)
	m.HandleFunc("/d/{rest...}", h)
	m.HandleFunc("/{$}", h)
	http.ListenAndServe("", m)
}`, "GET /a/{id}; POST example.com/b; /c/ …; /d/{rest...} …; /{$}"},
		{"default mux", `
func main() {
	http.HandleFunc("/a", h)
	other := http.NewServeMux()
	other.HandleFunc("/b", h)
	http.DefaultServeMux.HandleFunc("/c", h)
	http.ListenAndServe("", nil)
}`, "/a; /c"},
		{"another server's mux", `
func main() {
	api, metrics := http.NewServeMux(), http.NewServeMux()
	add(api)
	api.HandleFunc("/a", h)
	metrics.HandleFunc("/metrics", h)
	go http.ListenAndServe("", metrics)
	http.ListenAndServe("", api)
}

func add(m *http.ServeMux) { m.HandleFunc("/b", h) }`, "/a; /b"},
		{"through a helper that both use", `
func main() {
	api, metrics := http.NewServeMux(), http.NewServeMux()
	health(api)
	health(metrics)
	api.HandleFunc("/a", h)
	metrics.HandleFunc("/metrics", h)
	go http.ListenAndServe("", metrics)
	http.ListenAndServe("", api)
}

func health(m *http.ServeMux) { m.HandleFunc("/healthz", h) }`, "/a; /healthz"},
		{"fields, constructors and results", `
type app struct{ mux *http.ServeMux }

func newApp() (*app, error) {
	a := &app{mux: http.NewServeMux()}
	a.routes()
	return a, nil
}

func (a *app) routes() { a.mux.HandleFunc("/a", h) }

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func main() {
	a, _ := newApp()
	http.ListenAndServe("", a)
}`, "/a"},
		{"embedded", `
type app struct{ *http.ServeMux }

func main() {
	a := app{http.NewServeMux()}
	a.HandleFunc("/a", h)
	http.ListenAndServe("", a)
}`, "/a"},
		{"mounted with its prefix off", `
func main() {
	api, m := http.NewServeMux(), http.NewServeMux()
	api.HandleFunc("GET /health", h)
	api.HandleFunc("/", h)
	m.Handle("/api/", http.StripPrefix("/api", api))
	http.ListenAndServe("", m)
}`, "/api/ …; GET /api/health"},
		{"mounted with its prefix on", `
func main() {
	api, m := http.NewServeMux(), http.NewServeMux()
	api.HandleFunc("/api/a", h)
	api.HandleFunc("/never", h)
	api.HandleFunc("/", h)
	m.Handle("POST /api/", api)
	http.ListenAndServe("", m)
}`, "POST /api/ …; POST /api/a"},
		{"middleware that looks at no path", `
func main() {
	m := http.NewServeMux()
	m.HandleFunc("/a", h)
	http.ListenAndServe("", quiet(m))
}

func quiet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "TRACE" {
			return
		}
		next.ServeHTTP(w, r)
	})
}`, "/a"},
		{"middleware that does", `
func main() {
	m := http.NewServeMux()
	m.HandleFunc("/a", h)
	http.ListenAndServe("", front(m))
}

func front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			return
		}
		next.ServeHTTP(w, r)
	})
}`, "/a; ?/ …"},
		{"one middleware, two servers", `
func main() {
	m, metrics := http.NewServeMux(), http.NewServeMux()
	m.HandleFunc("/a", h)
	metrics.HandleFunc("/metrics", h)
	go http.ListenAndServe("", quiet(metrics))
	http.ListenAndServe("", quiet(m))
}

func quiet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })
}`, "/a"},
		{"a function", `func main() { http.ListenAndServe("", http.HandlerFunc(h)) }`, "?/ …"},
		{"paths made of parts", `
const base = "/v1"

func main() {
	m := http.NewServeMux()
	prefix := base + "/x"
	m.HandleFunc("GET "+prefix+"/a", h)
	for _, name := range []string{"b"} {
		m.HandleFunc(base+"/"+name, h)
	}
	http.ListenAndServe("", m)
}`, "GET /v1/x/a; /v1/… …"},
		{"chi", `
func main() {
	r := chi.NewRouter()
	r.Use(nil)
	r.Get("/a", h)
	r.Method("PUT", "/b/{id:[0-9]+}", http.HandlerFunc(h))
	r.Route("/api", func(r chi.Router) {
		r.With(nil).Post("/c", h)
		r.Group(func(r chi.Router) { r.Get("/health", h) })
		r.Route("/v2", v2)
	})
	r.Mount("/sub", sub())
	r.Handle("/files/*", http.FileServer(nil))
	r.NotFound(h)
	http.ListenAndServe("", r)
}

func v2(r chi.Router) { r.Get("/", h) }

func sub() chi.Router {
	r := chi.NewRouter()
	r.Get("/d", h)
	return r
}`, "/ …; GET /a; POST /api/c; GET /api/health; GET /api/v2/; PUT /b/{id:[0-9]+}; /files/* …; GET /sub/d"},
		{"gorilla", `
func main() {
	r := mux.NewRouter()
	r.HandleFunc("/a", h).Methods("GET", "POST").Name("a")
	api := r.PathPrefix("/api").Subrouter()
	api.HandleFunc("/health", h).Methods(http.MethodGet)
	api.Path("/b").Methods("PUT").HandlerFunc(h)
	r.NewRoute().Host("example.com").Path("/c").Handler(nil)
	r.PathPrefix("/static").Handler(http.FileServer(nil))
	r.Handle("/{owner}/{rest:.*}", nil)
	r.NotFoundHandler = http.HandlerFunc(h)
	http.ListenAndServe("", r)
}`, "/ …; GET,POST /a; PUT /api/b; GET /api/health; example.com/c; /static …; /{owner}/{rest:.*} …"},
		{"httprouter", `
func main() {
	r := httprouter.New()
	r.GET("/a/:id", nil)
	r.HandlerFunc("POST", "/b", h)
	r.ServeFiles("/static/*filepath", nil)
	http.ListenAndServe("", r)
}`, "GET /a/:id; POST /b; GET /static/*filepath …"},
		{"chi below net/http", `
func main() {
	r := chi.NewRouter()
	r.Get("/a", h)
	m := http.NewServeMux()
	m.Handle("/", r)
	http.ListenAndServe("", m)
}`, "GET /a"},
		{"a router of unknown making", `
func serve(m *http.ServeMux) {
	m.HandleFunc("/a", h)
	http.ListenAndServe("", m)
}`, "/a; ?/ …"},
		{"a router that is handed away", `
type registry interface{ Register(*http.ServeMux) }

func serve(r registry) {
	m := http.NewServeMux()
	m.HandleFunc("/a", h)
	r.Register(m)
	http.ListenAndServe("", m)
}`, "/a; ?/ …"},
		{"a part that is served, and one of unknown name", `
func serve(name string) {
	r := mux.NewRouter()
	r.HandleFunc("/never", h)
	v1 := r.PathPrefix("/v1").Subrouter()
	v1.HandleFunc("/a", h)
	v1.PathPrefix(name).Subrouter().HandleFunc("/health", h)
	http.ListenAndServe("", v1)
}`, "/v1/a; /v1/…/health …"},
		{"a router of unknown making, by its own package", `
func main() { http.ListenAndServe("", mux.Vars()) }`, "?/ …"},
		{"itself", `
func main() {
	m := http.NewServeMux()
	m.Handle("/a/", http.StripPrefix("/a", m))
	m.HandleFunc("/b", h)
	http.ListenAndServe("", m)
}`, "/b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey, server := routed(t, imports+tc.source)
			if got := told(survey.Routing(server)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
