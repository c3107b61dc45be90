package render

import (
	"strings"
	"testing"

	"github.com/Masterminds/sprig/v3"
)

func TestFile(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"var X = [[.Value]]\n", "var X = x\n"},
		{"  [[.Value]]  [[join \",\" .List]]\n", "  x  a,b\n"},
		{"map[string]any{{{.Value}}}", "map[string]any{{{.Value}}}"}, // no action of ours: as it is
	} {
		got, err := File("a.go", tc.text, map[string]any{"Value": "x", "List": []string{"a", "b"}})
		if err != nil || string(got) != tc.want {
			t.Errorf("%q: got %q, %v; want %q", tc.text, got, err, tc.want)
		}
	}
}

func TestFileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[[.Missing]]":    "a.go:1:2",
		"[[":              "a.go:1",
		`[[env "HOME"]]`:  `function "env" not defined`,
		"[[now]]":         `function "now" not defined`,
		"[[randAlpha 5]]": `function "randAlpha" not defined`,
	} {
		_, err := File("a.go", text, map[string]any{"Value": "x"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// TestFunctionsAreSprigs renders with ours and with sprig's functions of the same names.
func TestFunctionsAreSprigs(t *testing.T) {
	theirs := sprig.TxtFuncMap()
	for name, ours := range funcs() {
		if theirs[name] == nil {
			t.Errorf("sprig has no %s", name)
		}
		if name != "join" {
			t.Errorf("this test does not know how to call %s", name)
			continue
		}
		join, theirJoin := ours.(func(string, []string) string), theirs[name].(func(string, any) string)
		for _, list := range [][]string{nil, {"a"}, {"a", "", "b c"}} {
			if got, want := join(", ", list), theirJoin(", ", list); got != want {
				t.Errorf("join of %q: got %q, sprig gives %q", list, got, want)
			}
		}
	}
}
