package pypatch

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// spans prints, for each file named on stdin, where its simple statements begin and end in bytes, as Python's parser has it.
const spans = `
import ast, json, sys
for name in sys.stdin.read().split("\0"):
    data = open(name, "rb").read()
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        print(json.dumps({"name": name}))
        continue
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    list = [[starts[n.lineno - 1] + n.col_offset, starts[n.end_lineno - 1] + n.end_col_offset]
            for n in ast.walk(tree) if isinstance(n, ast.stmt) and not hasattr(n, "body")
            and not isinstance(n, getattr(ast, "Match", ()))]
    print(json.dumps({"name": name, "spans": sorted(list)}))
`

// TestStatementsAsPythonReadsThem compares the statements of the files that come with Python, and of its own tests of syntax,
// with what its parser says. Outside CI it is left out where there is no Python.
func TestStatementsAsPythonReadsThem(t *testing.T) {
	t.Parallel()
	library, err := exec.Command("python3", "-I", "-S", "-c", "import os; print(os.path.dirname(os.__file__), end='')").Output()
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("install Python as python3 to compare with it: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, pattern := range []string{"[a-m]*.py", "test/test_[fgp][rsa]*.py", "test/test_[st][oty][krnp]*.py"} {
		found, err := filepath.Glob(filepath.Join(string(library), pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	command := exec.Command("python3", "-I", "-S", "-B", "-W", "ignore", "-c", spans)
	command.Stdin = bytes.NewReader(bytes.Join(toBytes(names), []byte{0}))
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for line := range bytes.Lines(out) {
		var known struct {
			Name  string
			Spans [][2]int
		}
		if err := json.Unmarshal(line, &known); err != nil {
			t.Fatal(err)
		}
		if known.Spans != nil {
			compareSpans(t, known.Name, known.Spans)
			compared++
		}
	}
	if compared < 80 {
		t.Errorf("%d files were compared, want eighty at least", compared)
	}
}

func toBytes(names []string) [][]byte {
	var list [][]byte
	for _, name := range names {
		list = append(list, []byte(name))
	}
	return list
}

func compareSpans(t *testing.T, name string, want [][2]int) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse(filepath.Base(name), content)
	if err != nil {
		if r := unreadable(name, content); r == nil {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	var got [][2]int
	for _, st := range s.statements {
		if !st.header && !s.is(st.tokens, 0, "@") {
			got = append(got, [2]int{st.start(), st.last()})
		}
	}
	slices.SortFunc(want, func(a, b [2]int) int { return a[0] - b[0] })
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: %q, want %q", s.Position(got[i][0]), content[got[i][0]:got[i][1]], content[want[i][0]:want[i][1]])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d statements, want %d", name, len(got), len(want))
	}
}
