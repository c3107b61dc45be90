package render

import (
	"strings"
	"testing"
	"text/template"
)

func TestFile(t *testing.T) {
	for _, tc := range []struct{ path, text, want string }{
		{"a.go", "package a\nvar  X = [[.Value]]\n", "package a\n\nvar X = 1\n"},
		{"a.txt", "  [[.Value]]  [[join \",\" .List]]\n", "  1  a,b\n"},
		{"a.go", "package a // {{.Value}}", "package a // {{.Value}}"}, // no action: as it is
	} {
		got, err := File(tc.path, tc.text, map[string]any{"Value": 1, "List": []string{"a", "b"}})
		if err != nil || string(got) != tc.want {
			t.Errorf("%q: got %q, %v; want %q", tc.text, got, err, tc.want)
		}
	}
}

func TestFileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"package a\n\nfunc [[.Value]]": "rendering a.go: the result is not Go: 3:",
		"[[.Missing]]":                 "Missing",
		"[[":                           "parsing the template",
		`[[env "HOME"]]`:               `function "env" not defined`,
		"[[now]]":                      `function "now" not defined`,
		"[[randAlpha 5]]":              `function "randAlpha" not defined`,
	} {
		_, err := File("a.go", text, map[string]any{"Value": "x"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// TestAllowedFunctionsExist guards against a name that sprig does not have.
func TestAllowedFunctionsExist(t *testing.T) {
	for name, f := range funcs() {
		if f == nil {
			t.Errorf("sprig has no %s", name)
		}
		template.New("").Funcs(template.FuncMap{name: f})
	}
}
