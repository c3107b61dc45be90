package gopatch_test

import (
	"bytes"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/txtar"
)

// FuzzSplice wants every line of any file to stay as it is, but those that are patched, and of these every byte but spacing.
func FuzzSplice(f *testing.F) {
	for _, source := range archived(f) {
		f.Add(source)
	}
	for _, source := range []string{
		head + "func main() { http.ListenAndServe(\":1\", nil) } // end",
		"\ufeff" + head + "var s = http.Server{Handler: http.NewServeMux()}",
		strings.ReplaceAll(head+"func main() {\n\thttp.ListenAndServe(\":1\",\n\t\t/* a */ nil /* b */)\n}\n", "\n", "\r\n"),
		"package main\nimport h \"net/http\"\nvar s=h.Server{Addr:\"\"}\nfunc f(){s.Handler=nil}",
		head + "func main() { var s http.Server; s.Handler = http.NewServeMux(); http.Serve(nil, s.Handler) }",
	} {
		f.Add([]byte(source))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		m, ok := single(t, source)
		if !ok {
			return
		}
		survey := gopatch.Find(m)
		for _, server := range survey.Servers {
			if server.Blocked != nil {
				continue
			}
			patch, err := survey.Patch(server)
			if _, refused := errors.AsType[*refusal.Refusal](err); refused {
				continue
			}
			if err != nil || len(patch.Files) != 1 {
				t.Fatalf("%+v, %v", patch, err)
			}
			checkLines(t, patch)
			checkBytes(t, patch)
		}
	})
}

// archived returns the Go files that the command is tried on.
func archived(f *testing.F) [][]byte {
	f.Helper()
	names, err := filepath.Glob(filepath.FromSlash("../../testdata/patch/*.txtar"))
	if err != nil || len(names) == 0 {
		f.Fatalf("%d archives: %v", len(names), err)
	}
	var sources [][]byte
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if path.Ext(file.Name) == ".go" && strings.HasPrefix(file.Name, "before/") {
				sources = append(sources, file.Data)
			}
		}
	}
	return sources
}

func checkLines(t *testing.T, patch gopatch.Patch) {
	t.Helper()
	before, after := slices.Collect(bytes.Lines(patch.Files[0].Before)), slices.Collect(bytes.Lines(patch.Files[0].After))
	if len(before) != len(after) {
		t.Fatalf("%d lines become %d", len(before), len(after))
	}
	changed := 0
	for i := range before {
		if bytes.Equal(before[i], after[i]) {
			continue
		}
		changed++
		opens := bytes.Contains(after[i], []byte(patch.Wrappers[0].Func+"("))
		if closes := bytes.Count(after[i], []byte(")")) > bytes.Count(before[i], []byte(")")); !opens && !closes {
			t.Errorf("line %d is none of the patch's:\n%q\n%q", i+1, before[i], after[i])
		}
	}
	if changed != patch.Files[0].Lines {
		t.Errorf("%d lines change, not %d", changed, patch.Files[0].Lines)
	}
}

func checkBytes(t *testing.T, patch gopatch.Patch) {
	t.Helper()
	function := patch.Wrappers[0].Func
	rest := patch.Files[0].After
	rest = bytes.ReplaceAll(rest, []byte(", Handler: "+function+"(nil)"), nil)
	rest = bytes.ReplaceAll(rest, []byte("Handler: "+function+"(nil)"), nil)
	left, right := packed(patch.Files[0].Before), packed(rest)
	for i := 0; i < len(right); {
		switch {
		case bytes.HasPrefix(right[i:], []byte(function+"(")):
			i += len(function) + 1
		case len(left) > 0 && left[0] == right[i]:
			left, i = left[1:], i+1
		case right[i] == ')':
			i++
		default:
			t.Fatalf("before\n%s\nafter\n%s", patch.Files[0].Before, patch.Files[0].After)
		}
	}
	if len(left) > 0 {
		t.Fatalf("lost %q", left)
	}
}

func packed(b []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, b)
}
