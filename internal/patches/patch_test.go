package patches_test

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

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/run"
	"golang.org/x/tools/txtar"
)

// wiring are the requirements that depend on how the endpoint is put in front of the program; the others are kept by
// the same code in every case.
func wiring() []string { return []string{"C1", "C2", "C3", "C4", "C7", "C11", "C14", "C16", "C19"} }

// brief are those that show that the endpoint is there and closed. Cases that differ from another in their text have them.
func brief() []string { return []string{"C1", "C3", "C4", "C19"} }

// TestPatches patches, builds, vets, runs and walks each case, patches it again, and takes the patch back.
func TestPatches(t *testing.T) {
	names, err := filepath.Glob(filepath.FromSlash("../../testdata/patch/*.txtar"))
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
	if isBrief {
		args = append(args, "--no-tests") // there are none: it saves looking for them
	}
	diff, said := c.patch(t, dir, args)
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

// patch patches the module in one of three ways, and returns the diff that was shown before and what was said: at once; at
// once after a dry run, where the whole contract is checked; or with a plan that is saved, shown and then applied.
func (c patchCase) patch(t *testing.T, dir string, args []string) (diff, said string) {
	t.Helper()
	before := tree(t, dir)
	switch c.keys["contract"] {
	case "brief":
		_, said = retrofit(t, dir, 0, args...)
		return "", said
	case "all":
		diff, _ = retrofit(t, dir, 0, append(args, "--dry-run")...)
		checkUntouched(t, dir, before)
		_, said = retrofit(t, dir, 0, args...)
		return diff, said
	}
	file := filepath.Join(t.TempDir(), "plan.json")
	_, said = retrofit(t, dir, 0, append(args, "--plan", file)...)
	diff, _ = mcpauth(t, 0, "apply", file, dir, "--no-input", "--dry-run")
	checkUntouched(t, dir, before)
	mcpauth(t, 0, "apply", file, dir, "--no-input")
	return diff, said
}

func checkUntouched(t *testing.T, dir string, before map[string][]byte) {
	t.Helper()
	if err := golden.Compare(tree(t, dir), before); err != nil {
		t.Fatalf("it was to be shown only: %v", err)
	}
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
		MCPPath: cmp.Or(c.keys["path"], "/mcp"), Scopes: []string{"profile:read"}, Authorization: authserver.Options{Pool: signing()},
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
