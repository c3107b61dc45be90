package gopatch_test

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/packages"
)

// standard imports packages of the standard library, each once.
var standard = sync.OnceValue(func() types.Importer { return &locked{from: importer.Default()} })

type locked struct {
	mu   sync.Mutex
	from types.Importer
}

func (l *locked) Import(path string) (*types.Package, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if path != "net/http" {
		return nil, errors.New("not needed")
	}
	return l.from.Import(path)
}

// single returns a module of one file. Type errors are left in it: a survey must not fall over them.
func single(t testing.TB, source []byte) (*gosource.Module, bool) {
	t.Helper()
	const name = "/m/main.go"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	info := &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection), Instances: make(map[*ast.Ident]types.Instance), Implicits: make(map[ast.Node]types.Object),
	}
	config := types.Config{Importer: standard(), Error: func(error) {}}
	pkg, _ := config.Check("example.com/m", fset, []*ast.File{file}, info)
	if pkg == nil {
		return nil, false
	}
	p := &packages.Package{Name: file.Name.Name, PkgPath: "example.com/m", Types: pkg, Syntax: []*ast.File{file}, TypesInfo: info, Fset: fset}
	return &gosource.Module{
		Dir: "/m", Path: "example.com/m", Files: fset, Program: p, Packages: []*packages.Package{p}, Sources: map[string][]byte{name: source},
	}, true
}

func find(t *testing.T, source string) *gopatch.Survey {
	t.Helper()
	m, ok := single(t, []byte(source))
	if !ok {
		t.Fatal("does not parse")
	}
	return gopatch.Find(m)
}

// wrapped returns the file after the patch of the only server.
func wrapped(t *testing.T, source string) string {
	t.Helper()
	survey := find(t, source)
	server, err := survey.Choose("")
	if err != nil {
		t.Fatal(err)
	}
	patch, err := survey.Patch(server)
	if err != nil {
		t.Fatal(err)
	}
	return string(patch.Files[0].After)
}

const head = "package main\n\nimport \"net/http\"\n\n"

func TestSites(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, source, want string }{
		{"call", "func main() { http.ListenAndServe(\":1\", nil) }\n", `http.ListenAndServe(":1", withMCP(nil))`},
		{"listener", "func main() { http.Serve(nil, http.NewServeMux()) }\n", `http.Serve(nil, withMCP(http.NewServeMux()))`},
		{"deferred", "func main() { defer http.ListenAndServeTLS(\"\", \"\", \"\", (nil)) }\n", `"", withMCP((nil)))`},
		{"value", "var s = http.Server{Handler: http.NewServeMux()}\n", `{Handler: withMCP(http.NewServeMux())}`},
		{"empty literal", "var s = &http.Server{}\n", `&http.Server{Handler: withMCP(nil)}`},
		{"in a field", "type a struct{ s *http.Server }\n\nfunc f(h http.Handler) a { return a{s: &http.Server{Handler: h}} }\n", `Handler: withMCP(h)`},
		{"generic", "type b[T any] struct{ h T }\n\nfunc f(x b[http.Handler]) { http.ListenAndServe(\"\", x.h) }\n", `withMCP(x.h)`},
		{"closure", "func f() error {\n\treturn func() error { return http.ListenAndServe(\"\", nil) }()\n}\n", `withMCP(nil)`},
		{"alignment", "var s = http.Server{\n\tAddr:    \":1\", // where\n\tHandler: http.NewServeMux(),\n}\n", "\tAddr:    \":1\", // where\n\tHandler: withMCP(http.NewServeMux()),\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := wrapped(t, head+tc.source); !strings.Contains(got, tc.want) {
				t.Errorf("got\n%s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, source, code string }{
		{"nothing", "var _ http.Handler\n", refusal.CodeNone},
		{"another server", "type Server struct{ Handler http.Handler }\n\nvar s = Server{Handler: nil}\n", refusal.CodeNone},
		{"redirect", "func f(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, \"/\", 302) }\n\nfunc main() { http.ListenAndServe(\"\", http.HandlerFunc(f)) }\n", refusal.CodeDecoy},
		{"metrics", "func main() {\n\tm := http.NewServeMux()\n\tm.Handle(\"/metrics\", nil)\n\thttp.ListenAndServe(\"\", m)\n}\n", refusal.CodeDecoy},
		{"two", "func main() {\n\thttp.ListenAndServe(\"\", nil)\n\thttp.ListenAndServe(\"\", http.NewServeMux())\n}\n", refusal.CodeMulti},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := find(t, head+tc.source).Choose("")
			refusal, _ := errors.AsType[*refusal.Refusal](err)
			if refusal == nil || refusal.Code != tc.code {
				t.Errorf("got %v, want %s", err, tc.code)
			}
		})
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	serve := "\thttp.ListenAndServe(\"\", m)\n}\n"
	for _, tc := range []struct{ name, routes, wanted, path, code string }{
		{"free", `m.Handle("GET /a", nil)`, "", "/", ""},
		{"root taken", `m.Handle("/", nil)`, "", "/mcp", ""},
		{"page at the root", `m.Handle("GET /{$}", nil)`, "", "/mcp", ""},
		{"parameter at the root", `m.Handle("/{name}", nil)`, "", "/", ""},
		{"host", `m.Handle("example.com/a", nil)`, "", "/", ""},
		{"chosen", `m.Handle("/", nil)`, "/ai", "/ai", ""},
		{"chosen and taken", `m.Handle("POST /ai", nil)`, "/ai", "", refusal.CodeRoute},
		{"metadata taken", `m.Handle("/.well-known/oauth-protected-resource", nil)`, "", "", refusal.CodeRoute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey := find(t, head+"func main() {\n\tm := http.NewServeMux()\n\t"+tc.routes+"\n"+serve)
			server, err := survey.Choose("")
			if err != nil {
				t.Fatal(err)
			}
			endpoint, err := survey.Endpoint(server, tc.wanted)
			refusal, _ := errors.AsType[*refusal.Refusal](err)
			if (refusal != nil) != (tc.code != "") || refusal != nil && refusal.Code != tc.code || endpoint.Path != tc.path {
				t.Errorf("got %+v, %v", endpoint, err)
			}
		})
	}
}
