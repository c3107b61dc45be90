package patches_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/mcpauth/mcpauth/templates"
)

// An expressCase is testdata/patch-express/<what>.txtar, an archive as those of patchCase. Its lines are:
//
//	entry:    the file to patch, which Node.js starts (default server.js)
//	start:    the file that Node.js starts, where that is another
//	args:     after the entry
//	express:  4 or 5 (default 5): which packages the program has
//	build:    compile it with its tsconfig.json first
//	bytes:    crlf and bom change the entry, which txtar cannot hold
//	path:     where MCP is to be found
//	health:   own, where the program answers /health
//	contract: all runs every check (default: brief)
//	except:   checks that the program itself does not keep
//	reader:   node, where the refusal is that of Node.js
//	env:      NAME=value… of the program, besides the variables of the contract
//
// The file requests is what it answers before and after. A program without a package.json gets one. What becomes of package.json is
// compared where after/ has it.
type expressCase struct{ patchCase }

func readExpressCase(t *testing.T, name string) expressCase { return expressCase{readCase(t, name)} }

func (c expressCase) key(name, otherwise string) string {
	if c.keys[name] == "" {
		return otherwise
	}
	return c.keys[name]
}

// entryFiles are the files below a folder of the archive, the entry with the bytes that the case wants.
func (c expressCase) entryFiles(folder string) map[string][]byte {
	files := c.files(folder)
	entry := c.key("entry", "server.js")
	if strings.Contains(c.keys["bytes"], "crlf") && files[entry] != nil {
		files[entry] = bytes.ReplaceAll(files[entry], []byte("\n"), []byte("\r\n"))
	}
	if strings.Contains(c.keys["bytes"], "bom") && files[entry] != nil {
		files[entry] = append([]byte("\ufeff"), files[entry]...)
	}
	return files
}

// program writes the files of before/, and a package.json where there is none.
func (c expressCase) program(t *testing.T) string {
	t.Helper()
	dir, files := t.TempDir(), c.entryFiles("before")
	if files["package.json"] == nil {
		files["package.json"] = []byte("{\n  \"name\": \"app\",\n  \"dependencies\": {\n    \"express\": \"^" + c.key("express", "5") + ".22.0\"\n  }\n}\n")
		if c.key("express", "5") == "5" {
			files["package.json"] = bytes.ReplaceAll(files["package.json"], []byte("^5.22.0"), []byte("^5.0.0"))
		}
	}
	write(t, dir, files)
	return dir
}

// retrofitEntry runs the command on the entry and returns what it says, as retrofit.
func (c expressCase) retrofitEntry(t *testing.T, dir string, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	streams, _, out, errs := iostreams.Test()
	args = append([]string{"retrofit", filepath.Join(dir, filepath.FromSlash(c.key("entry", "server.js"))), "--no-input"}, args...)
	if code := cmd.Main(t.Context(), args, streams, func(string) string { return "" }); code != want {
		t.Fatalf("mcpauth %q: exit code %d, want %d\n%s", args, code, want, errs)
	}
	var said strings.Builder
	for line := range strings.Lines(errs.String()) {
		if !strings.HasSuffix(line, "...\n") {
			said.WriteString(strings.ReplaceAll(line, dir, "DIR"))
		}
	}
	return out.String(), said.String()
}

// packages returns the node_modules that the programs with that version of Express share; empty where npm is missing, outside
// CI, and with -short.
func packages(t *testing.T, express string) string {
	t.Helper()
	if testing.Short() {
		return ""
	}
	stack, err := templates.Load("express")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	locked := map[string]string{"4": "../../testdata/patch-express/express4", "5": "../../testdata/golden/express/dev/want"}[express]
	w, err := check.Workshop{Stack: stack, Dir: filepath.FromSlash(locked), Scratch: t.TempDir()}.Keep(t.Context(), cache, func(string) func() { return func() {} })
	if errors.Is(err, check.ErrNoTool) && os.Getenv("CI") == "" {
		t.Logf("the programs are patched and not run: install %s: %v", stack.Needs, err)
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(w.Kept, "node_modules")
}

// ready returns a copy of the program that can be started: with packages, and compiled where the case wants it.
func (c expressCase) ready(t *testing.T, dir, modules string) string {
	t.Helper()
	files := tree(t, dir)
	maps.Copy(files, c.files("use"))
	dir = t.TempDir()
	write(t, dir, files)
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if c.keys["build"] != "" {
		c.compile(t, dir)
	}
	return dir
}
