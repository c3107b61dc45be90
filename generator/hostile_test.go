package generator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/plan"
	"go.yaml.in/yaml/v3"
)

// hostile are the values that a careless or malicious person might give for any answer.
func hostile() []string {
	return []string{
		"plain", `"`, "'", "`", `\`, "${HOME}", "$(id)", "a\nb", "a\r\nb", "\x00", "🚀", "你好", "\u202e", "\xff",
		"{{.Module}}", "*/", "<!--", "#", " ", "", "%s%n", "..", "../x", "a/../../b", "-rf", "con", "&lt;", "\u2028",
		strings.Repeat("x", 64<<10), `","resource":"https://evil.example/`, "SK_CLIENT_SECRET=", "\nSK_CLIENT_SECRET=\n",
	}
}

// FuzzHostileAnswers wants each set of answers refused, or rendered so that every value arrives unchanged.
func FuzzHostileAnswers(f *testing.F) {
	for _, value := range hostile() {
		f.Add(value, "example.com/x", "profile:read", "note", "skc_1", "/")
		f.Add("name", value, "profile:read", "note", "skc_1", "/")
		f.Add("name", "example.com/x", value, "note", "skc_1", "/")
		f.Add("name", "example.com/x", "profile:read", value, "skc_1", "/")
		f.Add("name", "example.com/x", "profile:read", "note", value, "/")
		f.Add("name", "example.com/x", "profile:read", "note", "skc_1", "/"+value)
	}
	f.Fuzz(func(t *testing.T, name, module, scopes, note, clientID, path string) {
		metadata, err := json.Marshal(map[string]any{
			"authorization_servers": []string{"http://localhost:3003/resources/res_1"},
			"resource":              "http://localhost:3002" + path,
			"x-note":                note,
			"x-'key'":               map[string]any{note: []any{nil, 1e21, note}},
		})
		if err != nil {
			t.Skip()
		}
		a := config.Answers{}
		for key, value := range map[string]string{
			config.KeyName: name, config.KeyModule: module, config.KeyScopes: scopes, config.KeyClientID: clientID,
			config.KeyMCPPath: path, config.KeyMetadata: string(metadata), config.KeyEnvURL: "http://localhost:3003",
		} {
			a[key] = config.Answer{Value: value, Source: "fuzz"}
		}
		c, problems := config.New(a)
		if len(problems) > 0 {
			if len(fmt.Sprint(problems)) > 4096 {
				t.Errorf("a refusal of %d bytes", len(fmt.Sprint(problems)))
			}
			return
		}
		p, err := generator.Create("go", c)
		if err != nil {
			t.Fatal(err)
		}
		checkValues(t, files(p), c)
	})
}

func files(p plan.Plan) map[string][]byte {
	files := make(map[string][]byte)
	for _, op := range p.Ops {
		files[op.Path] = op.Content
	}
	return files
}

func checkValues(t *testing.T, files map[string][]byte, c config.Config) {
	t.Helper()
	for name, data := range files {
		if strings.HasSuffix(name, ".go") {
			if formatted, err := format.Source(data); err != nil || !bytes.Equal(formatted, data) {
				t.Errorf("%s is not formatted: %v\n%s", name, err, data)
			}
		}
	}
	if literals := stringsIn(t, files["main.go"]); !slices.Contains(literals, c.Name) || !slices.Contains(literals, c.MCPPath) {
		t.Errorf("main.go holds %q, want %q and %q", literals, c.Name, c.MCPPath)
	}
	for _, scope := range c.Scopes {
		if !slices.Contains(stringsIn(t, files["internal/tools/tools.go"]), scope) {
			t.Errorf("tools.go lacks the scope %q", scope)
		}
	}
	env := environment(files[".env"])
	if env["SK_CLIENT_ID"] != c.ClientID || env["SK_CLIENT_SECRET"] != "" || env["PORT"] != strconv.Itoa(c.Port) {
		t.Errorf(".env: %q", env)
	}
	equalJSON(t, "PROTECTED_RESOURCE_METADATA", []byte(env["PROTECTED_RESOURCE_METADATA"]), c.Metadata)
	var client struct {
		MCPServers map[string]struct{ URL string } `json:"mcpServers"`
	}
	if err := json.Unmarshal(files[".mcp.json"], &client); err != nil || client.MCPServers[c.Slug()].URL != c.Resource.String() {
		t.Errorf(".mcp.json: %+v, %v", client, err)
	}
	var manifest struct {
		Answers struct{ Name, Module, Metadata string }
	}
	if err := yaml.Unmarshal(files["mcpauth.yaml"], &manifest); err != nil || manifest.Answers.Name != c.Name || manifest.Answers.Module != c.Module {
		t.Errorf("mcpauth.yaml: %+v, %v", manifest, err)
	}
	equalJSON(t, "mcpauth.yaml", []byte(manifest.Answers.Metadata), c.Metadata)
}

// stringsIn returns the values of the string literals in Go source.
func stringsIn(t *testing.T, source []byte) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			value, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			values = append(values, value)
		}
		return true
	})
	return values
}

// environment reads .env as the rendered server does.
func environment(data []byte) map[string]string {
	values := make(map[string]string)
	for line := range strings.Lines(string(data)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && name[0] != '#' {
			values[name] = strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'")
		}
	}
	return values
}

func equalJSON(t *testing.T, what string, got, want []byte) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if err := json.Unmarshal(want, &w); err != nil || !reflect.DeepEqual(g, w) {
		t.Errorf("%s holds %s, want %s", what, got, want)
	}
}

// TestEnvReadsTheSameInAShell sources .env of every golden case, secret included.
func TestEnvReadsTheSameInAShell(t *testing.T) {
	paths, err := filepath.Glob(filepath.FromSlash("../testdata/golden/go/*/want/.env"))
	if err != nil || len(paths) < 6 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range environment(data) {
			out, err := exec.Command("sh", "-c", `. "$1"; eval "printf %s \"\$$2\""`, "sh", path, name).Output()
			if err != nil || !bytes.Equal(out, []byte(want)) {
				t.Errorf("%s: %s is %q in a shell, %q in the server: %v", path, name, out, want, err)
			}
		}
	}
}
