package textdiff

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcpauth/mcpauth/internal/plan"
)

func create(name, text string) plan.Op {
	return plan.Op{Action: plan.Create, Path: name, Mode: 0o644, Content: []byte(text)}
}

func overwrite(name, text, before string) plan.Op {
	sum := plan.Sum([]byte(before))
	return plan.Op{Action: plan.Overwrite, Path: name, Mode: 0o644, Content: []byte(text), Prior: &sum}
}

func git(t testing.TB, dir string, stdin []byte, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// repository makes a repository with the files in it.
func repository(t testing.TB, files fstest.MapFS) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, nil, "init", "-q")
	for name, file := range files {
		write(t, filepath.Join(dir, name), file.Data)
	}
	return dir
}

func write(t testing.TB, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// check has git apply the plan's diff to the files and compares the outcome with the plan, then takes it back.
func check(t testing.TB, files fstest.MapFS, p plan.Plan) []byte {
	t.Helper()
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	d, err := Plan(files, p)
	if err != nil {
		t.Fatal(err)
	}
	dir := repository(t, files)
	git(t, dir, d, "apply", "--check", "-")
	git(t, dir, d, "apply", "-")
	for _, op := range p.Ops {
		got, err := os.ReadFile(filepath.Join(dir, op.Path))
		if err != nil || !bytes.Equal(got, op.Content) {
			t.Errorf("%q is %q, %v, want %q", op.Path, got, err, op.Content)
		}
		if info, err := os.Stat(filepath.Join(dir, op.Path)); err == nil && (info.Mode()&0o100 != 0) != (op.Mode&0o100 != 0) {
			t.Errorf("%q has mode %v, want %v", op.Path, info.Mode(), op.Mode)
		}
	}
	git(t, dir, d, "apply", "-R", "-")
	for name, file := range files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, file.Data) {
			t.Errorf("taken back, %q is %q, %v, want %q", name, got, err, file.Data)
		}
	}
	return d
}

func TestFormat(t *testing.T) {
	t.Parallel()
	script := create("bin/run me.sh", "#!/bin/sh\n")
	script.Mode = 0o755
	p := plan.Plan{Ops: []plan.Op{
		script,
		create("empty", ""),
		overwrite("main.go", "a\nB\nc", "a\nb\nc\n"),
		overwrite("same", "same", "same"),
	}}
	files := fstest.MapFS{"main.go": {Data: []byte("a\nb\nc\n")}, "same": {Data: []byte("same")}}
	want := strings.Join([]string{
		"diff --git a/bin/run me.sh b/bin/run me.sh",
		"new file mode 100755",
		"--- /dev/null",
		"+++ b/bin/run me.sh\t",
		"@@ -0,0 +1,1 @@",
		"+#!/bin/sh",
		"diff --git a/empty b/empty",
		"new file mode 100644",
		"diff --git a/main.go b/main.go",
		"--- a/main.go",
		"+++ b/main.go",
		"@@ -1,3 +1,3 @@",
		" a",
		"-b",
		"-c",
		"+B",
		"+c",
		`\ No newline at end of file`,
		"",
	}, "\n")
	if got := string(check(t, files, p)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPrivateFiles(t *testing.T) {
	t.Parallel()
	const old = "SK_CLIENT_SECRET=0ld\n"
	env := overwrite("sub/.env", "SK_CLIENT_SECRET=\n", old)
	env.Holes = []plan.Hole{{Offset: 17, Secret: "SK_CLIENT_SECRET"}}
	closed := overwrite("closed", "new\n", old)
	closed.Mode = 0o600
	fresh := create(".env", "A=\nB=\n")
	fresh.Mode = 0o600
	fresh.Holes = []plan.Hole{{Offset: 2, Secret: "A"}, {Offset: 5, Secret: "B"}, {Offset: 5, Secret: "A"}}
	files := fstest.MapFS{"sub/.env": {Data: []byte(old)}, "closed": {Data: []byte(old)}}
	d, err := Plan(files, plan.Plan{Ops: []plan.Op{env, fresh, closed}})
	if err != nil {
		t.Fatal(err)
	}
	head, patch, _ := strings.Cut(string(d), "diff --git ")
	want := "# sub/.env is replaced and not shown: it is private\n" +
		"# .env is shown without mode 0600 and A and B\n" +
		"# closed is replaced and not shown: it is private\n"
	if head != want {
		t.Errorf("comments\n%s\nwant\n%s", head, want)
	}
	if strings.Contains(string(d), "0ld") || strings.Contains(patch, "sub/") || strings.Contains(patch, "closed") {
		t.Errorf("shows a private file:\n%s", d)
	}
	dir := repository(t, files)
	git(t, dir, d, "apply", "-")
	if got, err := os.ReadFile(filepath.Join(dir, ".env")); err != nil || string(got) != "A=\nB=\n" {
		t.Errorf(".env is %q, %v", got, err)
	}
}

func TestPrivateFileIsNotRead(t *testing.T) {
	t.Parallel()
	op := overwrite("gone", "x", "y")
	op.Holes = []plan.Hole{{Secret: "S"}}
	if _, err := Plan(fstest.MapFS{}, plan.Plan{Ops: []plan.Op{op}}); err != nil {
		t.Errorf("reads a file it must not show: %v", err)
	}
}

func TestBinaryFiles(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"was": {Data: []byte("a\x00")}, "becomes": {Data: []byte("a")}}
	d, err := Plan(files, plan.Plan{Ops: []plan.Op{
		create("new", strings.Repeat("x\n", 5000)+"\x00"), overwrite("was", "a", "a\x00"), overwrite("becomes", "\x00", "a"),
	}})
	want := "# new is created and not shown: it is not text\n# was is replaced and not shown: it is not text\n" +
		"# becomes is replaced and not shown: it is not text\n"
	if err != nil || string(d) != want {
		t.Errorf("%q, %v, want %q", d, err, want)
	}
	git(t, repository(t, files), d, "apply", "--allow-empty", "-")
}

func TestUnexpectedOldFile(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a": {Data: []byte("other")}}
	for _, name := range []string{"a", "none"} {
		if d, err := Plan(files, plan.Plan{Ops: []plan.Op{overwrite(name, "new", "old")}}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %q, %v, want an error that names it", name, d, err)
		}
	}
}

func names() []string {
	return []string{
		"plain", "with space", " led", "trailed ", "tab\tbed", "line\nbroken", "quo\"ted", "é", "日本", "bell\a\b\v\f\r\x01\x7f", "a b/c d/e",
		"-dash", "a/b/c", "dev/null", "#hash", "--- a", "+++ b", "diff --git a b", "b/b", "a b/a b", "name\u0085", "emoji🙂", "'single'", "$x`y`",
	}
}

// TestNames also compares the headers with git's own.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"text\n", ""} {
		var p plan.Plan
		files := fstest.MapFS{}
		for _, name := range names() {
			p.Ops = append(p.Ops, create("new/"+name, text), overwrite("old/"+name, text+"more\n", "before\n"))
			files["old/"+name] = &fstest.MapFile{Data: []byte("before\n")}
		}
		d := check(t, files, p)
		dir := repository(t, files)
		git(t, dir, nil, "add", ".")
		git(t, dir, nil, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x")
		git(t, dir, d, "apply", "--index", "-")
		header := regexp.MustCompile(`(?m)^(diff --git|---|\+\+\+|new file mode) .*$`)
		want := header.FindAllString(git(t, dir, nil, "diff", "--cached", "--no-renames"), -1)
		got := header.FindAllString(string(d), -1)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("headers\n%s\nwant git's\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// text is random lines from a small stock, so that two of them have much in common.
func text(r *rand.Rand, lines int) []byte {
	stock := []string{"a", "b", "", "\tindented", "crlf\r", "\r", "\xff\xfe", "é", "--- a/x", "+++ b/x", "@@ -1 +1 @@", "\\ No newline at end of file",
		"diff --git a/x b/x", "trailing  ", "-", "+", " ", "# comment", "\x1b[31m"}
	var b bytes.Buffer
	for range lines {
		b.WriteString(stock[r.IntN(len(stock))])
		if r.IntN(4) == 0 {
			fmt.Fprint(&b, r.IntN(1000))
		}
		b.WriteByte('\n')
	}
	if b.Len() > 0 && r.IntN(3) == 0 {
		b.Truncate(b.Len() - 1)
	}
	return b.Bytes()
}

// edited returns b with some lines changed.
func edited(r *rand.Rand, b []byte) []byte {
	lines := bytes.SplitAfter(b, []byte("\n"))
	for range 1 + r.IntN(4) {
		at := r.IntN(len(lines))
		lines = slices.Replace(lines, at, min(len(lines), at+r.IntN(3)), text(r, r.IntN(3)))
		if len(lines) == 0 {
			return nil
		}
	}
	return bytes.Join(lines, nil)
}

func TestRandomTexts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var p plan.Plan
	files := fstest.MapFS{}
	for i := range 600 {
		name := fmt.Sprintf("f%d", i)
		before := text(r, r.IntN(40))
		after := edited(r, before)
		if i%3 == 0 {
			after = text(r, r.IntN(6))
		}
		if i%5 == 0 {
			p.Ops = append(p.Ops, create("new/"+name, string(after)))
		}
		files[name] = &fstest.MapFile{Data: before}
		p.Ops = append(p.Ops, overwrite(name, string(after), string(before)))
	}
	check(t, files, p)
}

func FuzzPlan(f *testing.F) {
	f.Add("name", []byte("a\nb\n"), []byte("a\nc"))
	f.Add("with space\n\"é", []byte{}, []byte("x\r\n"))
	f.Add("x", []byte("\xff\n"), []byte{})
	f.Fuzz(func(t *testing.T, name string, before, after []byte) {
		p := plan.Plan{Ops: []plan.Op{create("new/"+name, string(after)), overwrite("old/"+name, string(after), string(before))}}
		strange := bytes.IndexByte(before, 0) >= 0 || bytes.IndexByte(after, 0) >= 0 || bytes.Equal(before, after)
		if strange || p.Validate() != nil || len(name) > 200 || strings.Contains(strings.ToLower(name), "git") || !fs.ValidPath(name) {
			return
		}
		check(t, fstest.MapFS{"old/" + name: {Data: before}}, p)
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	sum := plan.Sum([]byte("gone\n"))
	d, err := Plan(fstest.MapFS{"a.go": {Data: []byte("gone\n")}}, plan.Plan{Ops: []plan.Op{{Action: plan.Delete, Path: "a.go", Mode: 0o644, Prior: &sum}}})
	if err != nil {
		t.Fatal(err)
	}
	dir := repository(t, fstest.MapFS{"a.go": {Data: []byte("gone\n")}})
	git(t, dir, d, "apply", "-")
	if _, err := os.Stat(filepath.Join(dir, "a.go")); !os.IsNotExist(err) {
		t.Errorf("git apply left the file: %v\n%s", err, d)
	}
}
