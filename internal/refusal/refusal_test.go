package refusal_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// TestEveryCodeIsExplained compares the constants with the catalogue.
func TestEveryCodeIsExplained(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "refusal.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	explained := make(map[string]bool)
	for _, k := range refusal.Kinds() {
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
