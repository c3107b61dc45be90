package check_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/mcpauth/mcpauth/templates"
)

var update = flag.Bool("update", false, "make the JavaScript of templates/express/retrofit/js what the compiler makes of the TypeScript")

// TestJavaScriptIsTheTypeScript compares what JavaScript programs get with what the compiler makes of the files for those in
// TypeScript: one source, and no second set of bytes that goes its own way.
func TestJavaScriptIsTheTypeScript(t *testing.T) {
	t.Parallel()
	stack, err := templates.Load("express")
	if err != nil {
		t.Fatal(err)
	}
	made := transpiled(t, stack)
	compared := 0
	for _, f := range stack.Retrofit {
		if !slices.Contains(f.For, "javascript") {
			continue
		}
		compared++
		want, ok := made[strings.TrimPrefix(f.From, "../retrofit/js/")]
		if !ok {
			t.Errorf("nothing is made of any TypeScript for %s", f.Path)
			continue
		}
		if *update {
			keepJavaScript(t, f, want)
			continue
		}
		if got, _, err := stack.Source(f); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from what the TypeScript gives (run with -update): %v", f.Path, err)
		}
	}
	if compared < 20 {
		t.Errorf("compared %d files, want twenty at least", compared)
	}
}

// keepJavaScript writes the source of a file.
func keepJavaScript(t *testing.T, f templates.File, content []byte) {
	t.Helper()
	name := filepath.Join("..", "..", "templates", "express", "files", filepath.FromSlash(f.From))
	if bytes.Contains(content, []byte("[[")) {
		name += ".tmpl"
	}
	writeFile(t, name, content)
}

// transpiled returns what the compiler and the formatter make of the files of TypeScript programs, by path.
func transpiled(t *testing.T, stack templates.Stack) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	w := kept(t, filepath.FromSlash("../../testdata/golden/express/dev/want"), dir)
	for _, f := range stack.Retrofit {
		if !slices.Contains(f.For, "typescript") {
			continue
		}
		source, _, err := stack.Source(f)
		if err != nil {
			t.Fatal(err)
		}
		source = transpilable(source)
		writeFile(t, filepath.Join(dir, "src", filepath.FromSlash(f.Path)), source) // of settings, which there are twice, the last
		writeFile(t, filepath.Join(dir, "src", filepath.FromSlash(path.Dir(f.Path)), path.Base(f.From)), source)
	}
	for _, step := range []templates.Step{
		{Name: "compiling", Run: []string{"node", "{kept}/node_modules/typescript/bin/tsc", "-p", dir}},
		{Name: "unmarking", Run: []string{"node", "-e", unmark, filepath.Join(dir, "dist")}},
		{Name: "formatting", Run: []string{"node", "{kept}/node_modules/@biomejs/biome/bin/biome", "format", "--write", "--config-path=" + dir, filepath.Join(dir, "dist")}},
	} {
		if err := w.Run(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	return collected(t, filepath.Join(dir, "dist"))
}

// kept returns a workshop with the packages of the project, and puts into dir what compiles files there.
func kept(t *testing.T, from, dir string) check.Workshop {
	t.Helper()
	p, err := project.Load(from)
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	w, err := check.Workshop{Stack: p.Stack, Dir: from, Scratch: t.TempDir()}.Keep(t.Context(), cache, silent)
	if errors.Is(err, check.ErrNoTool) && os.Getenv("CI") == "" {
		t.Skipf("the stack %s cannot be run here, install %s: %v", p.Stack.Name, p.Stack.Needs, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tsconfig.json", "package.json"} {
		content, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), content)
	}
	writeFile(t, filepath.Join(dir, "biome.json"), []byte(`{"formatter": {"indentStyle": "space", "lineWidth": 140}}`))
	if err := os.Symlink(filepath.Join(w.Kept, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return w
}

// transpilable puts something into the holes of a template that compiles, and marks the empty lines, which compilers drop.
func transpilable(source []byte) []byte {
	source = regexp.MustCompile(`\[\[.*?\]\]`).ReplaceAllFunc(source, func(hole []byte) []byte {
		return fmt.Appendf(nil, `"<%x>"`, hole)
	})
	return bytes.ReplaceAll(source, []byte("\n\n"), []byte("\n//-\n"))
}

// unmark makes empty lines of the marks again, before the formatter sees them.
const unmark = `
const [dir] = process.argv.slice(1);
for (const name of fs.readdirSync(dir, { recursive: true }).filter((name) => name.endsWith(".js"))) {
  const file = path.join(dir, name);
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(/^ *\/\/-$/gm, ""));
}`

// collected returns the compiled files with the names and the imports that they have in a program, and the holes as they were.
func collected(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	compiled, err := golden.Tree(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for name, content := range compiled {
		content = regexp.MustCompile(`((?:from |import\()"\.[^"]+)\.js"`).ReplaceAll(content, []byte(`$1.mjs"`))
		content = regexp.MustCompile(`"<[0-9a-f]+>"`).ReplaceAllFunc(content, func(hole []byte) []byte {
			template, err := hex.DecodeString(string(hole[2 : len(hole)-2]))
			if err != nil {
				t.Fatal(err)
			}
			return template
		})
		files[strings.TrimSuffix(name, ".js")+".mjs"] = content
	}
	common := bytes.Replace(files["install.mjs"], []byte("export function"), []byte("function"), 1)
	files["install.cjs"] = append(common, "\nmodule.exports = { installMcp };\n"...)
	return files
}

func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
