package cmd_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/mcpauth/mcpauth/internal/run"
	"golang.org/x/tools/txtar"
)

// wiring are the requirements that depend on how the endpoint is put in front of the program; the others are kept by
// the same code in every case.
func wiring() []string { return []string{"C1", "C2", "C3", "C4", "C7", "C11", "C14", "C16", "C19"} }

// brief are those that show that the endpoint is there and closed. Cases that differ from another in their text have them.
func brief() []string { return []string{"C1", "C3", "C4", "C19"} }

// A patchCase is testdata/patch/<router>-<what>.txtar: a paragraph of why and lines "key: value", the files before/… and
// after/… that mcpauth retrofit makes of them, or what it says when it refuses.
//
//	args:     after DIR; the program is in the root of the module
//	module:   folder of testdata/patch/modules with go.mod and go.sum
//	bytes:    crlf and bom change before/main.go and after/main.go, which txtar cannot hold
//	path:     where MCP is to be found (default /mcp)
//	contract: all runs every check, brief a few and no dry run (default: wiring)
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
		maps.Copy(files, tree(t, filepath.Join("..", "testdata", "patch", "modules", shared)))
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

// retrofit runs the command and returns what it says, without progress and the module's directory.
func retrofit(t *testing.T, dir string, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	streams, _, out, errs := iostreams.Test()
	args = append([]string{"retrofit", dir, "--no-input"}, args...)
	if code := cmd.Main(t.Context(), args, streams, func(string) string { return "" }); code != want {
		t.Fatalf("mcpauth %q: exit code %d, want %d\n%s", args, code, want, errs)
	}
	var said strings.Builder
	for line := range strings.Lines(errs.String()) {
		if !strings.HasSuffix(line, "...\n") { // progress, which a fast machine does not show
			said.WriteString(strings.ReplaceAll(line, dir, "DIR"))
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

// TestPatches patches, builds, vets, runs and walks each case, patches it again, and takes the patch back.
func TestPatches(t *testing.T) {
	t.Setenv("GOFLAGS", os.Getenv("GOFLAGS")+" -trimpath -ldflags=-w") // for the cases to share what is built, and link it quickly
	names, err := filepath.Glob(filepath.FromSlash("../testdata/patch/*.txtar"))
	if err != nil || len(names) < 10 {
		t.Fatalf("%d cases, want ten at least: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			c := readCase(t, name)
			dir := c.module(t)
			before := tree(t, dir)
			args := strings.Fields(c.keys["args"])
			if _, unchanged := c.file("unchanged"); unchanged {
				checkUnchanged(t, dir, args)
			} else if c.refusal() != "" {
				c.checkRefused(t, name, dir, args)
			} else {
				c.checkPatched(t, name, dir, args)
				retrofit(t, dir, 0, "--undo")
			}
			if err := golden.Compare(tree(t, dir), before); err != nil {
				t.Errorf("not as it was before: %v", err)
			}
		})
	}
}

func (c patchCase) refusal() string {
	text, ok := c.file("refused")
	if !ok {
		return ""
	}
	return cmp.Or(text, "?")
}

func (c patchCase) file(name string) (string, bool) {
	i := slices.IndexFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		return "", false
	}
	return string(c.archive.Files[i].Data), true
}

func (c patchCase) checkRefused(t *testing.T, name, dir string, args []string) {
	t.Helper()
	_, said := retrofit(t, dir, 3, args...)
	if *update {
		c.rewrite(t, name, map[string][]byte{"refused": []byte(said)})
	} else if said != c.refusal() {
		t.Errorf("said\n%swant\n%s", said, c.refusal())
	}
}

func (c patchCase) checkPatched(t *testing.T, name, dir string, args []string) {
	t.Helper()
	before := tree(t, dir)
	binaries := t.TempDir()
	if c.asked() != nil {
		goRun(t, dir, "build", "-o", filepath.Join(binaries, "before.exe"), ".")
	}
	isBrief := c.keys["contract"] == "brief"
	diff := ""
	if !isBrief {
		diff, _ = retrofit(t, dir, 0, append(args, "--dry-run")...)
		if err := golden.Compare(tree(t, dir), before); err != nil {
			t.Fatalf("--dry-run: %v", err)
		}
	}
	_, said := retrofit(t, dir, 0, args...)
	after := tree(t, dir)
	c.checkOwn(t, name, before, after, notesIn(said))
	checkUnchanged(t, dir, args)
	if err := golden.Compare(tree(t, dir), after); err != nil {
		t.Errorf("the second run: %v", err)
	}
	if !isBrief {
		c.checkDiff(t, before, after, diff)
		goRun(t, dir, "mod", "tidy", "-diff")
	}
	if c.keys["legacy"] != "" {
		checkDecoder(t, after["go.mod"])
	}
	if before["vendor/modules.txt"] != nil {
		goRun(t, dir, "mod", "vendor")
		if err := golden.Compare(tree(t, dir), after); err != nil {
			t.Errorf("go mod vendor: %v", err)
		}
	}
	dir = c.inUse(t, dir)
	goRun(t, dir, "build", "-o", filepath.Join(binaries, "after.exe"), ".")
	if !isBrief { // the command itself has vetted what it writes
		goRun(t, dir, "vet", "./...")
	}
	c.checkClosed(t, filepath.Join(binaries, "after.exe"))
	c.checkRunning(t, binaries)
}

// inUse returns a copy of the patched program in which the files of use/ have taken the place of its own.
func (c patchCase) inUse(t *testing.T, dir string) string {
	t.Helper()
	use := c.files("use")
	if len(use) == 0 {
		return dir
	}
	files := tree(t, dir)
	maps.Copy(files, use)
	dir = t.TempDir()
	write(t, dir, files)
	return dir
}

func checkUnchanged(t *testing.T, dir string, args []string) {
	t.Helper()
	if _, said := retrofit(t, dir, 0, args...); !strings.Contains(said, "Nothing to do") {
		t.Errorf("it says %q", said)
	}
}

// checkDiff has git make of the files before what the command made.
func (c patchCase) checkDiff(t *testing.T, before, after map[string][]byte, diff string) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, before)
	git := exec.Command("git", "apply", "--whitespace=nowarn", "-")
	git.Dir, git.Stdin = dir, strings.NewReader(diff)
	git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, out)
	}
	if err := golden.Compare(tree(t, dir), after); err != nil {
		t.Errorf("git apply makes something else: %v", err)
	}
}

// checkOwn compares the files of the case and its notes, and wants all of ours to be where they belong.
func (c patchCase) checkOwn(t *testing.T, name string, before, after map[string][]byte, notes string) {
	t.Helper()
	got := make(map[string][]byte)
	for file, data := range after {
		ours := strings.HasPrefix(file, "internal/mcpauth/") || strings.HasPrefix(file, "vendor/") || file == "go.mod" || file == "go.sum"
		if !ours && !bytes.Equal(before[file], data) {
			got[file] = data
		}
	}
	want, listed := c.file("notes")
	if *update {
		updated := make(map[string][]byte)
		for file, data := range got {
			updated["after/"+file] = bytes.TrimPrefix(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\ufeff"))
		}
		if listed {
			updated["notes"] = []byte(notes)
		}
		c.rewrite(t, name, updated)
		return
	}
	if err := golden.Compare(got, c.files("after")); err != nil {
		t.Error(err)
	}
	if listed && notes != want {
		t.Errorf("noted\n%swant\n%s", notes, want)
	}
}

// notesIn returns what is noted for the person, without what becomes of go.mod.
func notesIn(said string) string {
	var notes strings.Builder
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "Note: ") && !strings.HasPrefix(line, "Note: go.mod: ") {
			notes.WriteString(line)
		}
	}
	return notes.String()
}

// rewrite puts files into the archive in place of those of after/ and of the refusal.
func (c patchCase) rewrite(t *testing.T, name string, files map[string][]byte) {
	t.Helper()
	kept := regexp.MustCompile(`^(before/|use/|requests$)`)
	c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return !kept.MatchString(f.Name) })
	for _, file := range slices.Sorted(maps.Keys(files)) {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: file, Data: files[file]})
	}
	if err := os.WriteFile(name, txtar.Format(c.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func goRun(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
}

// checkRunning drives the patched program through the contract, and compares it with what it was.
func (c patchCase) checkRunning(t *testing.T, binaries string) {
	t.Helper()
	server := stand.Server{
		Path: filepath.Join(binaries, "after.exe"), Dir: t.TempDir(), Env: run.Environment(os.Environ(), strings.Fields(c.keys["env"])),
		MCPPath: cmp.Or(c.keys["path"], "/mcp"), Scopes: []string{"profile:read"},
	}
	target, err := server.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	origin := strings.TrimSuffix(target.URL, server.MCPPath)
	c.checkRoute(t, origin)
	c.checkGuarded(t, target, origin)
	if c.asked() != nil {
		c.checkSame(t, filepath.Join(binaries, "before.exe"), origin)
	}
	target.OwnHealth = c.keys["health"] == "own"
	if target.Legacy = c.keys["legacy"]; target.Legacy != "" {
		checkClient(t, target)
	}
	target.PublicTool = &contract.Tool{Name: "greet", Arguments: map[string]any{"name": "Ada"}}
	if c.keys["tools"] == "" || len(c.files("use")) > 0 {
		target.ScopedTool = &contract.Tool{Name: "whoami", Scopes: server.Scopes}
	}
	checks := slices.DeleteFunc(contract.Checks(), func(check contract.Check) bool { return !c.runs(check.ID) })
	if report := contract.RunChecks(t.Context(), target, checks, nil); !report.Kept() {
		t.Errorf("%s%s", report.Summary(), failures(report))
	}
}

// runs says whether the check is one of the case.
func (c patchCase) runs(check string) bool {
	switch c.keys["contract"] {
	case "all":
		return !slices.Contains(strings.Fields(c.keys["except"]), check)
	case "brief":
		return slices.Contains(brief(), check)
	}
	return slices.Contains(wiring(), check)
}

func failures(r contract.Report) string {
	var b strings.Builder
	for _, result := range r.Results {
		if result.Status == contract.Fail {
			fmt.Fprintf(&b, "\n%s: %+v", result.ID, result)
		}
	}
	return b.String()
}
