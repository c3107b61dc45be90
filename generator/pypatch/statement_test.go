package pypatch

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestStatements wants each statement to end where it ends for Python: they are shown one a line, with their depth.
func TestStatements(t *testing.T) {
	for _, tc := range []struct{ name, source, want string }{
		{"lines", "a = 1\n\n# c\nb = 2  # d\n", "a = 1|b = 2"},
		{"semicolons", "a = 1; b = 2;\nc", "a = 1|b = 2|c"},
		{"brackets", "a = f(\n  1,  # )\n  [2,\n  {3: 4}])\nb", "a = f(\n  1,  # )\n  [2,\n  {3: 4}])|b"},
		{"continuation", "a = \\\n  1\nb = 2", "a = \\\n  1|b = 2"},
		{"crlf", "a = 1\r\nb = f(\r\n)\r\n", "a = 1|b = f(\r\n)"},
		{"bom", "\ufeffa = 1\nb", "a = 1|b"},
		{"blocks", "if a:\n  b\n  if c:\n    d\nelse:\n  e\nf\n", "if a:|>b|>if c:|>>d|else:|>e|f"},
		{"inline", "if a: b; c\nwhile d: e\nf", "if a:|>b|>c|while d:|>e|f"},
		{"lambda", "if (lambda x: x): a\nif lambda: 0: b\nc: d = 1", "if (lambda x: x):|>a|if lambda: 0:|>b|c: d = 1"},
		{"annotation", "a: dict[str, int] = {}\ndef f(x: int = 1) -> int: return x", "a: dict[str, int] = {}|def f(x: int = 1) -> int:|>return x"},
		{"walrus", "if (n := 1) > 0: a", "if (n := 1) > 0:|>a"},
		{"match", "match = 1\nmatch x:\n  case [a]: b\n  case _:\n    c\nmatch(x)\ncase.y = 2", "match = 1|match x:|>case [a]:|>>b|>case _:|>>c|match(x)|case.y = 2"},
		{"tabs", "if a:\n\tb\n        c\nd", "if a:|>b|>c|d"},
		{"triple", "a = \"\"\"x\n'''\n\"y\" \\\"\"\" \"\"\"\nb", "a = \"\"\"x\n'''\n\"y\" \\\"\"\" \"\"\"|b"},
		{"raw", `a = r"\"; b"` + "\nc = R'\\\\'\nd", `a = r"\"; b"|c = R'\\'|d`},
		{"joined strings", "a = 'x' \"y;\" b'z'\nc", "a = 'x' \"y;\" b'z'|c"},
		{"format", `a = f"{x!r:>{w}} {{no}} {y:%H:%M}"; b`, `a = f"{x!r:>{w}} {{no}} {y:%H:%M}"|b`},
		{"nested quotes", `a = f"{d["k"]}; {f'{e['l']}'}"` + "\nb", `a = f"{d["k"]}; {f'{e['l']}'}"|b`},
		{"nested lines", "a = f'''{\n  x  # }\n}'''\nb", "a = f'''{\n  x  # }\n}'''|b"},
		{"unicode name", `a = f"\N{LEFT CURLY BRACKET}"; b`, `a = f"\N{LEFT CURLY BRACKET}"|b`},
		{"escaped brace", `a = rf"\{x}"; b`, `a = rf"\{x}"|b`},
		{"template", `a = t"{x}"; b`, `a = t"{x}"|b`},
		{"string over lines", "a = 'x\\\ny'\nb", "a = 'x\\\ny'|b"},
		{"numbers", "a = 1_0.5e-3 + 0xe-1 + 1.j\nb", "a = 1_0.5e-3 + 0xe-1 + 1.j|b"},
		{"decorators", "@app.get('/')\nasync def f(): ...\n", "@app.get('/')|async def f():|>..."},
		{"names", "schöne = 1\nb", "schöne = 1|b"},
		{"nothing", "", ""},
		{"comments alone", "# a\n\n", ""},
	} {
		s, err := parse("main.py", []byte(tc.source))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		var got []string
		for _, st := range s.statements {
			depth := 0
			for p := st.parent; p >= 0; p = s.statements[p].parent {
				depth++
			}
			got = append(got, strings.Repeat(">", depth)+string(s.Src[st.start():st.last()]))
		}
		if text := strings.Join(got, "|"); text != tc.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tc.name, text, tc.want)
		}
	}
}

// TestNoPython wants a place and a reason for what is no Python.
func TestNoPython(t *testing.T) {
	for source, want := range map[string]string{
		"a = (1":         "a bracket is not closed",
		"a = 1)":         ") closes no bracket",
		"a = (1]":        "] closes no bracket",
		"a = 'x\n'":      "a string is not closed on its line",
		"a = '''x":       "a string is not closed",
		"a = f'{x'":      "a string is not closed",
		"a = f'{x:{y}'":  "the format in a string is not closed",
		"a = 1 \\ b\n":   "a backslash is not at the end of its line",
		"a = 1\rb = 2":   "a line ends in a carriage return alone",
		"a = $b":         "a character is not of Python",
		"a\xff = 1":      "a name is not UTF-8",
		"print `a`":      "a character is not of Python",
		"a = f'''{x\n}'": "a string is not closed",
	} {
		_, err := parse("main.py", []byte(source))
		at, ok := errors.AsType[syntaxError](err)
		if !ok || at.reason != want || at.offset < 0 || at.offset > len(source) {
			t.Errorf("%q: %v at %d, want %s", source, err, at.offset, want)
		}
	}
}

func TestImports(t *testing.T) {
	s, err := parse("main.py", []byte("import a.b, c as d\nfrom . import e\nfrom ..f.g import (h as i,\n  j,\n)\nfrom k import *\nif x:\n  import l\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range s.imports() {
		got = append(got, strings.Join([]string{i.module, i.name, i.as}, " "))
	}
	want := []string{"a.b  a", "c  d", ". e e", "..f.g h i", "..f.g j j", "k * *", "l  l"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzParse wants every byte of what parses to be in a statement, between two, or behind the last.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"app = FastAPI()\n", "if a: b; c\n", "f'{a[\"b\"]:{c}}'\r\n", "match x:\n\tcase _: pass", "x = '''\n'''\\\n+ 1"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		s, err := parse("main.py", source)
		if err != nil {
			return
		}
		last := 0
		for i, st := range s.statements {
			if st.start() < last || st.last() <= st.start() || st.end < st.last() || st.parent >= i {
				t.Fatalf("statement %d: %+v in %q", i, st, source)
			}
			last = st.last()
		}
		s.creations()
		s.imports()
	})
}
