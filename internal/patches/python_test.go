package patches_test

import (
	"bytes"
	"cmp"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/golden"
)

// pythonCases are testdata/patch-python/<what>.txtar, which are as those of Go with these keys:
//
//	entry: the file that is named (default main.py)
//	args:  after it
//	bytes: crlf, bom, latin1 or bare (no newline at the end) change the entry, before and after
//	root:  of the project (default: that of the archive)
//	path:  where MCP is to be found (default /mcp)
//	health: own, where it is the program's although it is not found
//	serve: MODULE:APPLICATION of the entry, seen from from: (defaults main:app and the project)
//	undo:  refused, where the person's lines need the patch
//	from:  the directory in which Python looks for modules
func pythonCases(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.FromSlash("../../testdata/patch-python/*.txtar"))
	if err != nil || len(names) < 30 {
		t.Fatalf("%d cases, want thirty at least: %v", len(names), err)
	}
	return names
}

func (c patchCase) entry() string { return cmp.Or(c.keys["entry"], "main.py") }

// pythonFiles returns the archive's files below a folder, with the bytes of the entry as the case wants them.
func (c patchCase) pythonFiles(folder string) map[string][]byte {
	files := c.files(folder)
	data, ok := files[c.entry()]
	if !ok {
		return files
	}
	wants := func(what string) bool { return strings.Contains(c.keys["bytes"], what) }
	if wants("bare") {
		data = bytes.TrimSuffix(data, []byte("\n"))
	}
	if wants("crlf") {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	if wants("latin1") {
		data = bytes.ReplaceAll(data, []byte("ü"), []byte("\xfc"))
	}
	if wants("bom") {
		data = append([]byte("\ufeff"), data...)
	}
	files[c.entry()] = data
	return files
}

// plainly undoes what bytes: does, for the archive.
func plainly(data []byte) []byte {
	data = bytes.TrimPrefix(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\xfc"), []byte("ü"))
	if !bytes.HasSuffix(data, []byte("\n")) {
		data = append(data, '\n')
	}
	return data
}

// TestPythonPatches patches each case, once more, and takes the patch back. It runs none.
func TestPythonPatches(t *testing.T) {
	t.Parallel()
	for _, name := range pythonCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			c, dir := readCase(t, name), t.TempDir()
			before := c.pythonFiles("before")
			write(t, dir, before)
			target, args := filepath.Join(dir, filepath.FromSlash(c.entry())), strings.Fields(c.keys["args"])
			if c.refusal() != "" {
				c.checkPythonRefused(t, name, dir, target, args)
			} else {
				c.checkPythonPatched(t, name, dir, target, args)
				if c.keys["undo"] == "refused" {
					retrofit(t, target, 3, "--undo")
					return
				}
				retrofit(t, target, 0, "--undo")
			}
			if err := golden.Compare(tree(t, dir), before); err != nil {
				t.Errorf("not as it was before: %v", err)
			}
		})
	}
}

func (c patchCase) checkPythonRefused(t *testing.T, name, dir, target string, args []string) {
	t.Helper()
	_, said := retrofit(t, target, 3, args...)
	said = strings.ReplaceAll(said, dir, "DIR")
	if *update {
		c.rewrite(t, name, map[string][]byte{"refused": []byte(said)})
	} else if said != c.refusal() {
		t.Errorf("said\n%swant\n%s", said, c.refusal())
	}
}

func (c patchCase) checkPythonPatched(t *testing.T, name, dir, target string, args []string) {
	t.Helper()
	before := tree(t, dir)
	diff, _ := retrofit(t, target, 0, append(slices.Clone(args), "--dry-run")...)
	if err := golden.Compare(tree(t, dir), before); err != nil {
		t.Fatalf("--dry-run: %v", err)
	}
	_, said := retrofit(t, target, 0, args...)
	after := tree(t, dir)
	c.checkDiff(t, below(before, c.keys["root"]), below(after, c.keys["root"]), diff)
	c.checkPythonFiles(t, name, before, after, notesIn(said))
	checkUnchanged(t, target, args)
	if err := golden.Compare(tree(t, dir), after); err != nil {
		t.Errorf("the second run: %v", err)
	}
}

// below returns the files of a folder, as seen from there.
func below(files map[string][]byte, folder string) map[string][]byte {
	if folder == "" {
		return files
	}
	inside := make(map[string][]byte)
	for name, data := range files {
		if rest, ok := strings.CutPrefix(name, folder+"/"); ok {
			inside[rest] = data
		}
	}
	return inside
}

// checkPythonFiles compares what has become of the person's files, and what is noted.
func (c patchCase) checkPythonFiles(t *testing.T, name string, before, after map[string][]byte, notes string) {
	t.Helper()
	folder := path.Join(path.Dir(c.entry()), "mcpauth") + "/"
	got := maps.Clone(after)
	maps.DeleteFunc(got, func(file string, data []byte) bool {
		return strings.HasPrefix(file, folder) || bytes.Equal(before[file], data)
	})
	notes = strings.ReplaceAll(notes, "Note: python3 is not on the PATH: the result was read by mcpauth alone.\n", "")
	if *update {
		updated := map[string][]byte{"notes": []byte(notes)}
		for file, data := range got {
			updated["after/"+file] = plainly(data)
		}
		c.rewrite(t, name, updated)
		return
	}
	if err := golden.Compare(got, c.pythonFiles("after")); err != nil {
		t.Error(err)
	}
	if want, _ := c.file("notes"); notes != want {
		t.Errorf("noted\n%swant\n%s", notes, want)
	}
	if len(after[folder+"undo.json"]) == 0 {
		t.Error("nothing says how to take the patch back")
	}
}

// patchedPython returns the directories of a case without and with the patch.
func (c patchCase) patchedPython(t *testing.T) (before, after string) {
	t.Helper()
	before, after = t.TempDir(), t.TempDir()
	for _, dir := range []string{before, after} {
		write(t, dir, c.pythonFiles("before"))
	}
	retrofit(t, filepath.Join(after, filepath.FromSlash(c.entry())), 0, strings.Fields(c.keys["args"])...)
	return c.searched(before), c.searched(after)
}

// searched is the directory in which Python looks for the program's modules.
func (c patchCase) searched(dir string) string {
	return filepath.Join(dir, filepath.FromSlash(c.keys["from"]))
}
