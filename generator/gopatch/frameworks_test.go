package gopatch_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/packages"
)

// Frameworks in the shapes that tell their versions apart.
const (
	gin9 = `package gin

import "net/http"

type Engine struct{ UseH2C bool }

func New() *Engine                           { return nil }
func (*Engine) ServeHTTP(http.ResponseWriter, *http.Request) {}
func (*Engine) GET(string, func())           {}
func (*Engine) Run(...string) error          { return nil }
func (*Engine) RunTLS(_, _, _ string) error  { return nil }
`
	gin6   = `package gin; type Engine struct{}; func New() *Engine { return nil }; func (*Engine) Run(...string) error { return nil }`
	gin74  = `package gin; type Engine struct{ TrustedProxies []string }; func New() *Engine { return nil }; func (*Engine) Run(...string) error { return nil }`
	gin11  = gin9 + "func (*Engine) updateRouteTrees() {}\n"
	echo4  = `package echo; import "net/http"; type Echo struct{ Server, TLSServer *http.Server }; func New() *Echo { return nil }; func (*Echo) Start(string) error { return nil }; func (*Echo) StartServer(*http.Server) error { return nil }`
	echo5  = `package echo; import "net/http"; type Echo struct{}; func New() *Echo { return nil }; func (*Echo) ServeHTTP(http.ResponseWriter, *http.Request) {}; type StartConfig struct{}; func (StartConfig) Start(_ any, _ http.Handler) error { return nil }`
	fiber0 = `package fiber; type App struct{}; func New() *App { return nil }; func (*App) Listen(string) error { return nil }`
	fiber2 = fiber0 + `; func (*App) Server() any { return nil }`
	ginAt  = "github.com/gin-gonic/gin"
)

// imported are packages by their paths, made of source.
type imported map[string]string

func (i imported) Import(path string) (*types.Package, error) {
	if i[path] == "" {
		return standard().Import(path)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "stub.go", i[path], 0)
	if err != nil {
		return nil, err
	}
	return (&types.Config{Importer: i}).Check(path, fset, []*ast.File{file}, nil)
}

// framed returns the survey of a program of one file that imports a framework.
func framed(t *testing.T, path, stub, body string) *gopatch.Survey {
	t.Helper()
	const name = "/m/main.go"
	source := "package main\n\nimport \"" + path + "\"\n\n" + body
	if strings.Contains(body, " http.") || strings.Contains(body, "\thttp.") || strings.Contains(body, "&http.") {
		source = strings.Replace(source, "import ", "import \"net/http\"\n\nimport ", 1)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection), Instances: make(map[*ast.Ident]types.Instance), Implicits: make(map[ast.Node]types.Object),
	}
	pkg, err := (&types.Config{Importer: imported{path: stub}}).Check("example.com/m", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	p := &packages.Package{Name: file.Name.Name, PkgPath: "example.com/m", Types: pkg, Syntax: []*ast.File{file}, TypesInfo: info, Fset: fset}
	return gopatch.Find(&gosource.Module{
		Dir: "/m", Path: "example.com/m", Files: fset, Program: p, Packages: []*packages.Package{p}, Sources: map[string][]byte{name: []byte(source)},
	})
}

func TestFrameworks(t *testing.T) {
	t.Parallel()
	const echo4At, echo5At, fiber2At = "github.com/labstack/echo/v4", "github.com/labstack/echo/v5", "github.com/gofiber/fiber/v2"
	for _, tc := range []struct{ name, path, stub, body, want, kinds string }{
		{"new", ginAt, gin9, "func main() { gin.New().Run() }\n", "withMCP(gin.New()).Run()", "gin"},
		{"older", ginAt, gin6, "func main() { gin.New().Run() }\n", "withMCP(gin.New()).Run()", "gin7"},
		{"over lines", ginAt, gin9, "func main() {\n\tgin.New().\n\t\tRun()\n}\n", "withMCP(gin.New()).\n\t\tRun()", "gin"},
		{"address", ginAt, gin9, "func main() {\n\tvar e gin.Engine\n\te.Run()\n}\n", "withMCP(&e).Run()", "gin"},
		{"pointer", ginAt, gin9, "func f(e **gin.Engine) { (*e).Run() }\n", "withMCP((*e)).Run()", "gin"},
		{"embedded", ginAt, gin9, "type a struct{ *gin.Engine }\n\ntype b struct{ *a }\n\nfunc f(x b) { x.Run() }\n", "withMCP(x.a.Engine).Run()", "gin"},
		{"embedded value", ginAt, gin9, "type a struct{ gin.Engine }\n\nfunc f(x *a) { x.Run() }\n", "withMCP(&x.Engine).Run()", "gin"},
		{"plain or TLS", ginAt, gin9, "func f(e *gin.Engine, t bool) {\n\tif t {\n\t\te.RunTLS(\"\", \"\", \"\")\n\t}\n\te.Run()\n}\n", "withMCP(e).RunTLS(\"\", \"\", \"\")\n\t}\n\twithMCP(e).Run()", "gin"},
		{"its own server", echo4At, echo4, "func f(e *echo.Echo) {\n\ts := &http.Server{Addr: \":1\"}\n\te.StartServer(s)\n}\n", "withMCP(e).StartServer(s)", "echo4"},
		{"a server for it", echo4At, echo4, "func f(e *echo.Echo) { e.StartServer(&http.Server{Addr: \":1\"}) }\n", "withMCP(e).StartServer(", "echo4"},
		{"configured", echo5At, echo5, "func f(e *echo.Echo) { echo.StartConfig{}.Start(nil, e) }\n", "Start(nil, withMCP(e))", "echo5"},
		{"configured for others", echo5At, echo5, "func f(h http.Handler) { echo.StartConfig{}.Start(nil, h) }\n", "Start(nil, withMCP(h))", "handler"},
		{"fiber", fiber2At, fiber2, "func f(a *fiber.App) { a.Listen(\":1\") }\n", "withMCP(a).Listen(\":1\")", "fiber2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey := framed(t, tc.path, tc.stub, tc.body)
			server, err := survey.Choose("")
			if err != nil {
				t.Fatal(err)
			}
			patch, err := survey.Patch(server)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(patch.Files[0].After); !strings.Contains(got, tc.want) || strings.Join(patch.Kinds(), " ") != tc.kinds {
				t.Errorf("got %v\n%s\nwant %s\n%s", patch.Kinds(), got, tc.kinds, tc.want)
			}
		})
	}
}

// TestOneServerTwoKinds wants a function for each kind of expression, of different names.
func TestOneServerTwoKinds(t *testing.T) {
	t.Parallel()
	survey := framed(t, ginAt, gin9,
		"func f(e *gin.Engine, t bool) {\n\tif t {\n\t\thttp.ListenAndServe(\"\", e)\n\t}\n\te.Run()\n}\n")
	server, err := survey.Choose("")
	if err != nil {
		t.Fatal(err)
	}
	patch, err := survey.Patch(server)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(patch.Files[0].After); !strings.Contains(got, "(\"\", withMCP(e))") || !strings.Contains(got, "withMCP2(e).Run()") {
		t.Errorf("got\n%s", got)
	}
	if w := patch.Wrappers; len(w) != 2 || w[0].Path == w[1].Path {
		t.Errorf("got %+v", w)
	}
}

func TestUnfitVersions(t *testing.T) {
	t.Parallel()
	const route = "func f(e *gin.Engine) {\n\te.GET(%, nil)\n\te.Run()\n}\n"
	for _, tc := range []struct{ name, path, stub, body, want string }{
		{"proxies", ginAt, gin74, "func main() { gin.New().Run() }\n", "v1.7.7"},
		{"colons", ginAt, gin11, strings.ReplaceAll(route, "%", "`/a\\:b`"), "v1.12.0"},
		{"no colons", ginAt, gin11, strings.ReplaceAll(route, "%", "`/:b`"), ""},
		{"no server", "github.com/gofiber/fiber/v2", fiber0, "func main() { fiber.New().Listen(\":1\") }\n", "v2.3.0"},
		{"fasthttp", "github.com/valyala/fasthttp", `package fasthttp; func ListenAndServe(string, func()) error { return nil }`, "func main() { fasthttp.ListenAndServe(\":1\", nil) }\n", "--server"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey := framed(t, tc.path, tc.stub, tc.body)
			_, err := survey.Choose("")
			refusal, _ := errors.AsType[*refusal.Refusal](err)
			if (refusal != nil) != (tc.want != "") || refusal != nil && !strings.Contains(refusal.Reason, tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
