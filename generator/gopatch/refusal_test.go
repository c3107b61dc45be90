package gopatch_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
)

// TestEveryCodeIsExplained compares the constants with the catalogue.
func TestEveryCodeIsExplained(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "refusal.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	explained := make(map[string]bool)
	for _, k := range gopatch.Kinds() {
		if explained[k.Code] || k.Meaning == "" || k.Remedy == "" {
			t.Errorf("%+v: twice, or not explained", k)
		}
		explained[k.Code] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		literal := spec.Values[0].(*ast.BasicLit)
		code := constant.StringVal(constant.MakeFromLiteral(literal.Value, literal.Kind, 0))
		if !explained[code] || !strings.HasPrefix(code, "RF-") {
			t.Errorf("%s is %q, which the catalogue does not explain", spec.Names[0], code)
		}
		delete(explained, code)
		return true
	})
	for code := range explained {
		t.Errorf("%s is explained, and no constant", code)
	}
}

func TestHiddenServers(t *testing.T) {
	t.Parallel()
	const serving = "package main\n\nimport h \"net/http\"\n\nfunc serve() { h.ListenAndServe(\"\", nil) }\n"
	for name, tc := range map[string]struct{ hidden, code, position string }{
		"tags":      {"//go:build prod\n\n" + serving, gopatch.CodeTags, "other.go:7"},
		"name":      {serving, gopatch.CodeTags, "other.go:5"},
		"cgo":       {strings.Replace(serving, "import", "import \"C\"\nimport", 1), gopatch.CodeCgo, "other.go:6"},
		"nothing":   {"package main\n\nimport \"net/http\"\n\nvar _ http.Handler\n", gopatch.CodeNone, ""},
		"no parser": {"package main\n\nimport \"net/http\" func", gopatch.CodeNone, ""},
		"not HTTP":  {strings.Replace(serving, "net/http", "net/rpc", 1), gopatch.CodeNone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, ok := single(t, []byte("package main\n\nfunc main() {}\n"))
			if !ok {
				t.Fatal("does not parse")
			}
			m.Hidden = map[string][]byte{"/m/other.go": []byte(tc.hidden)}
			_, err := gopatch.Find(m).Choose("")
			r, ok := err.(*gopatch.Refusal)
			if !ok || r.Code != tc.code || r.Position != tc.position {
				t.Errorf("%v, want %s at %q", err, tc.code, tc.position)
			}
		})
	}
}
