package patches_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/iostreams"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "make the archives what retrofit does now")

// A patchCase is testdata/patch/<router>-<what>.txtar: a paragraph of why and lines "key: value", the files before/… and
// after/… that mcpauth retrofit makes of them, or what it says when it refuses.
//
//	args:     after DIR; the program is in the root of the module
//	module:   folder of testdata/patch/modules with go.mod and go.sum
//	bytes:    crlf and bom change before/main.go and after/main.go, which txtar cannot hold
//	path:     where MCP is to be found (default /mcp)
//	contract: all runs every check, brief a few, and shows no diff before (default: wiring, with a saved plan)
//	legacy:   why MCP revision 2026-07-28 is not served (default: it is)
//	guarded:  METHOD PATH … that need a token
//	open:     METHOD PATH … that need none
//	env:      NAME=value… of the program, besides the variables of the contract
//	except:   checks that the program itself does not keep, with all
//	route:    METHOD PATH BODY that the program answers before and after
//	tools:    greet, where those are the program's own; the files use/… replace its own after the patch, and add whoami
//
// An empty file unchanged says that there is nothing to do.
// A file notes holds all that the preview says to the person, a file requests what else it answers before and after.
type patchCase struct {
	archive *txtar.Archive
	keys    map[string]string
}

func readCase(t *testing.T, name string) patchCase {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := patchCase{archive, make(map[string]string)}
	for line := range strings.Lines(string(archive.Comment)) {
		if key, value, ok := strings.Cut(line, ": "); ok && !strings.Contains(key, " ") {
			c.keys[key] = strings.TrimSpace(value)
		}
	}
	return c
}

// files returns the archive's files below a folder, as the case wants their bytes.
func (c patchCase) files(folder string) map[string][]byte {
	files := make(map[string][]byte)
	for _, f := range c.archive.Files {
		name, ok := strings.CutPrefix(f.Name, folder+"/")
		if !ok {
			continue
		}
		if name == "main.go" && strings.Contains(c.keys["bytes"], "crlf") {
			f.Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
		}
		if name == "main.go" && strings.Contains(c.keys["bytes"], "bom") {
			f.Data = append([]byte("\ufeff"), f.Data...)
		}
		files[name] = f.Data
	}
	return files
}

// module writes the files of before/, and a go.mod where there is none.
func (c patchCase) module(t *testing.T) string {
	t.Helper()
	dir, files := t.TempDir(), c.files("before")
	if shared := c.keys["module"]; shared != "" {
		maps.Copy(files, tree(t, filepath.Join("..", "..", "testdata", "patch", "modules", shared)))
	}
	if files["go.mod"] == nil {
		files["go.mod"] = []byte("module example.com/app\n\ngo 1.25.0\n")
	}
	write(t, dir, files)
	return dir
}

func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// retrofit runs the command on a module and returns what it says, without progress and the module's directory.
func retrofit(t *testing.T, dir string, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr = mcpauth(t, want, append([]string{"retrofit", dir, "--no-input"}, args...)...)
	return stdout, strings.ReplaceAll(stderr, dir, "DIR")
}

// mcpauth runs a command and returns what it says, without progress.
func mcpauth(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	streams, _, out, errs := iostreams.Test()
	if code := cmd.Main(t.Context(), args, streams, func(string) string { return "" }); code != want {
		t.Fatalf("mcpauth %q: exit code %d, want %d\n%s", args, code, want, errs)
	}
	var said strings.Builder
	for line := range strings.Lines(errs.String()) {
		if !strings.HasSuffix(line, "...\n") { // progress, which a fast machine does not show
			said.WriteString(line)
		}
	}
	return out.String(), said.String()
}

func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := golden.Tree(dir)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
