package apply

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/plan"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		target string
		before func(t *testing.T, dir string)
		mode   string // of the target
	}{
		"missing":          {target: "srv", mode: "drwxr-xr-x"},
		"missing parents":  {target: "a/b/srv", mode: "drwxr-xr-x"},
		"long name":        {target: strings.Repeat("x", 250), mode: "drwxr-xr-x"},
		"unusual name":     {target: "-a 'b\"\n-é", mode: "drwxr-xr-x"},
		"empty":            {target: "srv", mode: "drwx------", before: mkdir("srv", 0o700)},
		"link to an empty": {target: "link", mode: "drwx------", before: linkTo("real")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if test.before != nil {
				test.before(t, dir)
			}
			res, err := Create(t.Context(), filepath.Join(dir, test.target), project(), secrets(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Swept)+len(res.Left) > 0 {
				t.Errorf("result %+v, want nothing swept and nothing left", res)
			}
			want := projectTree()
			want["."] = test.mode
			real, err := filepath.EvalSymlinks(filepath.Join(dir, test.target))
			if err != nil {
				t.Fatal(err)
			}
			sameTree(t, "target", tree(t, real), want)
			noScratch(t, dir)
		})
	}
}

func mkdir(name string, mode os.FileMode) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := errors.Join(os.Mkdir(filepath.Join(dir, name), 0o755), os.Chmod(filepath.Join(dir, name), mode)); err != nil {
			t.Fatal(err)
		}
	}
}

func linkTo(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		mkdir(name, 0o700)(t, dir)
		if err := os.Symlink(name, filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
	}
}

// noScratch fails if anything of this package's own is left below dir.
func noScratch(t testing.TB, dir string) {
	t.Helper()
	for name := range tree(t, dir) {
		if strings.Contains(name, "mcpauth-") {
			t.Errorf("left behind: %s", name)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	file := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { plant(t, filepath.Join(dir, name), "x", 0o644) }
	}
	for name, test := range map[string]struct {
		target string
		plan   plan.Plan
		before func(t *testing.T, dir string)
		want   Reason
	}{
		"not empty":     {target: "srv", plan: project(), before: file("srv/other"), want: NotEmpty},
		"a file":        {target: "srv", plan: project(), before: file("srv"), want: NotDirectory},
		"below a file":  {target: "f/srv/x", plan: project(), before: file("f"), want: NotDirectory},
		"link to file":  {target: "link", plan: project(), before: func(t *testing.T, dir string) { file("real")(t, dir); symlink(t, "real", dir, "link") }, want: NotDirectory},
		"dangling link": {target: "link", plan: project(), before: func(t *testing.T, dir string) { symlink(t, "none", dir, "link") }, want: Dangling},
		"overwrite":     {target: "srv", plan: patch(), want: Absent},
		"git":           {target: "srv", plan: plan.Plan{Ops: []plan.Op{create("a/.GIT/config", "", 0o644)}}, want: Reserved},
		"own name":      {target: "srv", plan: plan.Plan{Ops: []plan.Op{create(".mcpauth-journal/x", "", 0o644)}}, want: Reserved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if test.before != nil {
				test.before(t, dir)
			}
			before := tree(t, dir)
			_, err := Create(t.Context(), filepath.Join(dir, test.target), test.plan, nil, nil)
			wantRefused(t, err, test.want)
			sameTree(t, "after the refusal", tree(t, dir), before)
		})
	}
}

func symlink(t testing.TB, to, dir, name string) {
	t.Helper()
	if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func wantRefused(t testing.TB, err error, want Reason) {
	t.Helper()
	var refused *Refused
	if !errors.As(err, &refused) || refused.Reason != want || !errors.Is(err, want) {
		t.Errorf("error %v, want one refused because it %s", err, want)
	}
	var failed *Failed
	if errors.As(err, &failed) {
		t.Errorf("error %v is a failure, want a refusal", err)
	}
}

func TestCreateRefusesInvalidPlan(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := plan.Plan{Ops: []plan.Op{create("../out", "x", 0o644)}}
	if _, err := Create(t.Context(), filepath.Join(dir, "srv"), p, nil, nil); err == nil {
		t.Error("a path outside the target is accepted")
	}
	if _, err := Create(t.Context(), "", project(), nil, nil); err == nil {
		t.Error("a target without a name is accepted")
	}
	sameTree(t, "after both", tree(t, dir), map[string]string{".": "drwxr-xr-x"})
}

func TestCreateKeepsTheWorkingDirectory(t *testing.T) {
	dir := t.TempDir()
	plantDir := filepath.Join(dir, "wd")
	mkdir("wd", 0o755)(t, dir)
	t.Chdir(plantDir)
	for _, target := range []string{".", plantDir} {
		_, err := Create(t.Context(), target, project(), nil, nil)
		wantRefused(t, err, InPlace)
		if s, err := Inspect(target, project(), nil); err != nil || !s.Empty || !s.InPlace {
			t.Errorf("Inspect(%q) = %+v, %v, want empty and in place", target, s, err)
		}
	}
}

func TestStagedFilesAreShownAndNotUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := filepath.Join(dir, "a/srv")
	_, err := Create(t.Context(), target, project(), secrets(), func(staged string) error {
		sameTree(t, "staged", tree(t, staged), projectTree())
		if _, err := os.Lstat(target); err == nil {
			t.Error("the target is there before the staged files are accepted")
		}
		if filepath.Dir(staged) != filepath.Dir(target) {
			t.Errorf("staged in %s, want a sibling of %s", staged, target)
		}
		plant(t, filepath.Join(staged, "main.go"), "spoilt", 0o666)
		plant(t, filepath.Join(staged, "build/artefact"), "x", 0o755)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sameTree(t, "target", tree(t, target), projectTree())
	noScratch(t, dir)
}

func TestStagedFilesRejected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := tree(t, dir)
	broken := errors.New("does not build")
	_, err := Create(t.Context(), filepath.Join(dir, "a/srv"), project(), secrets(), func(staged string) error {
		plant(t, filepath.Join(staged, "build/artefact"), "x", 0o755)
		return broken
	})
	var rejected *Rejected
	if !errors.As(err, &rejected) || !errors.Is(err, broken) {
		t.Errorf("error %v, want the function's, rejected", err)
	}
	sameTree(t, "after the rejection", tree(t, dir), before)
}

func TestContextEndsWhileStaged(t *testing.T) {
	t.Parallel()
	for _, answer := range []error{nil, errors.New("signal: killed")} {
		dir := t.TempDir()
		before := tree(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Create(ctx, filepath.Join(dir, "a/srv"), project(), nil, func(string) error {
			cancel()
			return answer
		})
		var failed *Failed
		if !errors.Is(err, context.Canceled) || !errors.As(err, &failed) {
			t.Errorf("error %v, want the context's", err)
		}
		sameTree(t, "after the cancel", tree(t, dir), before)
	}
}

func TestCreateSweepsAbandonedStaging(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own, living := strconv.Itoa(os.Getpid()), strconv.Itoa(os.Getppid())
	kept := []string{".srv.mcpauth-" + own + "/x", ".srv.mcpauth-" + living + "/x", ".srv.mcpauth-x/x", ".srv.mcpauth-99999999-1/x",
		".srv.mcpauth-099999999/x", ".other.mcpauth-99999999/x", "srv.mcpauth-99999999/x", ".srv.mcpauth-99999998"}
	for _, name := range append(kept, ".srv.mcpauth-99999999/deep/x", ".srv.mcpauth-99999999-2/x") {
		plant(t, filepath.Join(dir, name), "x", 0o600)
	}
	res, err := Create(t.Context(), filepath.Join(dir, "srv"), project(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(dir, ".srv.mcpauth-99999999") + " " + filepath.Join(dir, ".srv.mcpauth-99999999-2")
	if got := strings.Join(res.Swept, " "); got != want {
		t.Errorf("swept %s, want %s", got, want)
	}
	for _, name := range kept {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Errorf("swept what it must keep: %v", err)
		}
	}
	for _, name := range res.Swept {
		if _, err := os.Lstat(name); err == nil {
			t.Errorf("%s is reported as swept and still there", name)
		}
	}
}

// TestSweepTakesTheNameFirst: a process that cannot be seen from here must not finish with half of its files.
func TestSweepTakesTheNameFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stale := filepath.Join(dir, ".srv.mcpauth-99999999")
	plant(t, filepath.Join(stale, "x"), "x", 0o600)
	s := saboteur{at: 1, dead: true}
	s.do = func(op, path string) error {
		if _, err := os.Lstat(stale); op == "remove all" && err == nil {
			t.Errorf("%s is removed while %s is there", path, stale)
		}
		return nil
	}
	res, err := newTransaction(t.Context(), s.system(1<<30), project(), nil, nil).create(filepath.Join(dir, "srv"))
	if err != nil || len(res.Swept) != 1 || res.Swept[0] != stale {
		t.Errorf("%+v, %v, want %s swept", res, err, stale)
	}
}

func TestConcurrentCreates(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := t.TempDir()
		errs := make([]error, 4)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = Create(t.Context(), filepath.Join(dir, "a/srv"), project(), secrets(), nil) })
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			var refused *Refused
			switch {
			case err == nil:
				won++
			case !errors.As(err, &refused) || refused.Reason != Exists && refused.Reason != NotEmpty:
				t.Errorf("a loser's error is %v, want refused as it exists or is not empty", err)
			}
		}
		if won != 1 {
			t.Errorf("%d won, want 1", won)
		}
		sameTree(t, "target", tree(t, filepath.Join(dir, "a/srv")), projectTree())
		noScratch(t, dir)
	}
}

func TestTargetAppearsBeforeTheRename(t *testing.T) {
	t.Parallel()
	for name, appear := range map[string]func(target string) error{
		"file":      func(target string) error { return os.WriteFile(target, nil, 0o600) },
		"directory": func(target string) error { return os.MkdirAll(filepath.Join(target, "x"), 0o755) },
		"link":      func(target string) error { return os.Symlink("/", target) },
	} {
		for _, existed := range []bool{false, true} {
			dir := t.TempDir()
			target := filepath.Join(dir, "srv")
			if existed {
				mkdir("srv", 0o755)(t, dir)
			}
			var before map[string]string
			s := saboteur{at: 1, dead: true}
			s.do = func(op, path string) error {
				if op == "rename" {
					if err := errors.Join(os.RemoveAll(target), appear(target)); err != nil {
						t.Fatal(err)
					}
					before = tree(t, target)
				}
				return nil
			}
			_, err := newTransaction(t.Context(), s.system(1), project(), nil, nil).create(target)
			wantRefused(t, err, Exists)
			sameTree(t, name, tree(t, target), before)
			noScratch(t, dir)
		}
	}
}
