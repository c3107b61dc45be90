//go:build !windows

package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain also is the process that the kill tests start: it carries out one job and may kill itself.
func TestMain(m *testing.M) {
	job := os.Getenv("APPLY_TEST_JOB")
	if job == "" {
		syscall.Umask(0o022)
		m.Run()
		return
	}
	if err := runJob(job); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runJob carries out "JOB N UMASK", killing itself at the Nth change if there is one.
func runJob(job string) error {
	var name string
	var at, umask int
	if _, err := fmt.Sscanf(job, "%s %d %o", &name, &at, &umask); err != nil {
		return err
	}
	dir := os.Getenv("APPLY_TEST_DIR")
	syscall.Umask(umask)
	s := saboteur{at: at, do: func(op, path string) error {
		_ = die(op, path)
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}}
	sys := machine()
	sys.before = s.before
	if name == "recover" {
		_, err := sys.recover(filepath.Join(dir, "srv"))
		return err
	}
	all := scenarios()
	i := slices.IndexFunc(all, func(sc scenario) bool { return strings.ReplaceAll(sc.name, " ", "-") == name })
	return all[i].run(context.Background(), sys, dir)
}

func child(ctx context.Context, name string, at, umask int, dir string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	job := fmt.Sprintf("APPLY_TEST_JOB=%s %d %o", strings.ReplaceAll(name, " ", "-"), at, umask)
	cmd.Env = append(os.Environ(), job, "APPLY_TEST_DIR="+dir)
	return cmd
}

// inChild runs a job in another process and says whether that was killed.
func inChild(t *testing.T, name string, at, umask int, dir string) (killed bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := child(ctx, name, at, umask, dir)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%s in another process: %v", name, ctx.Err())
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			return true
		}
	}
	if err != nil {
		t.Errorf("%s in another process: %v\n%s", name, err, out)
	}
	return false
}

func TestKillAtEachChange(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			eachChange(t, func(n int, dir string) bool {
				sc.prepare(t, dir)
				before := tree(t, dir)
				killed := inChild(t, sc.name, n, 0o022, dir)
				if !killed {
					sameTree(t, "finished", tree(t, dir), sc.after)
				}
				rise(t, sc, dir, before)
				return killed
			})
		})
	}
}

// TestKillDuringRecovery kills each Recover one change later than the one before, until one comes to its end.
func TestKillDuringRecovery(t *testing.T) {
	t.Parallel()
	sc := scenarios()[2]
	for n := 20; n <= 44; n += 6 {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			sc.prepare(t, dir)
			before := tree(t, dir)
			if !inChild(t, sc.name, n, 0o022, dir) {
				t.Fatalf("%s finished before change %d", sc.name, n)
			}
			kills := 0
			for m := 1; inChild(t, "recover", m, 0o022, dir); m++ {
				kills++
			}
			if kills == 0 {
				t.Error("no Recover was killed")
			}
			rise(t, sc, dir, before)
		})
	}
}

func TestUmask(t *testing.T) {
	t.Parallel()
	for umask, dirMode := range map[int]string{0: "drwxr-xr-x", 0o022: "drwxr-xr-x", 0o077: "drwx------"} {
		for _, sc := range scenarios() {
			dir := t.TempDir()
			sc.prepare(t, dir)
			before := tree(t, dir)
			inChild(t, sc.name, 0, umask, dir)
			want := make(map[string]string)
			for name, what := range sc.after {
				if _, existed := before[name]; !existed && what == "drwxr-xr-x" {
					what = dirMode
				}
				want[name] = what
			}
			sameTree(t, fmt.Sprintf("%s with umask %o", sc.name, umask), tree(t, dir), want)
		}
	}
}

// TestConcurrentProcesses lets processes, not goroutines, race for one target.
func TestConcurrentProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var children []*exec.Cmd
	for range 4 {
		cmd := child(t.Context(), "create", 0, 0o022, dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	won := 0
	for _, cmd := range children {
		if cmd.Wait() == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d won, want 1", won)
	}
	sameTree(t, "target", tree(t, filepath.Join(dir, "a/b/srv")), projectTree())
	noScratch(t, dir)
}

func TestNoPipeIsOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "main.go"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Modify(t.Context(), dir, project(), nil, nil)
	wantRefused(t, err, Irregular)
	s, err := Inspect(dir, project(), nil)
	if err != nil || len(s.Problems) != 1 {
		t.Errorf("%+v, %v, want a problem", s, err)
	}
}

// TestWithoutPermission needs a process that permissions apply to. Go gives no portable way to be one for a moment.
func TestWithoutPermission(t *testing.T) {
	for _, sc := range scenarios() {
		dir := t.TempDir()
		sc.prepare(t, dir)
		if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
			t.Fatal(err)
		}
		closed := dir
		if strings.HasPrefix(sc.name, "modify") {
			closed = filepath.Join(dir, "srv")
		}
		mode := func(mode fs.FileMode) {
			if err := os.Chmod(closed, mode); err != nil {
				t.Fatal(err)
			}
		}
		mode(0o555)
		before := tree(t, dir)
		err := unprivileged(t, func() error { return sc.run(t.Context(), machine(), dir) })
		wantFailed(t, err, fs.ErrPermission)
		if err != nil && !strings.Contains(err.Error(), "mkdir") {
			t.Errorf("%s: error %v, want that of the first directory to be made", sc.name, err)
		}
		sameTree(t, sc.name+" without permission", tree(t, dir), before)
		mode(0o755)
	}
}
