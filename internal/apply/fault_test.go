package apply

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// A scenario is one of the two ways to carry out a plan, with a directory to do it in.
type scenario struct {
	name    string
	prepare func(t testing.TB, dir string) // makes the state before
	run     func(ctx context.Context, sys system, dir string) error
	after   map[string]string // of dir, when it has worked
	lasting map[string]bool   // changes that come after the plan is carried out
}

func scenarios() []scenario {
	run := func(p plan.Plan, do func(transaction, string) (Result, error), at string) func(context.Context, system, string) error {
		return func(ctx context.Context, sys system, dir string) error {
			_, err := do(newTransaction(ctx, sys, p, secrets(), nil), filepath.Join(dir, at))
			return err
		}
	}
	top := map[string]string{".": "drwxr-xr-x"}
	parents := merge(top, map[string]string{"a": "drwxr-xr-x", "a/b": "drwxr-xr-x"})
	return []scenario{
		{
			name: "create", prepare: func(testing.TB, string) {},
			run: run(project(), transaction.create, "a/b/srv"), after: merge(parents, below("a/b/srv", projectTree())),
		}, {
			name: "create in empty", prepare: func(t testing.TB, dir string) {
				if err := errors.Join(os.Mkdir(filepath.Join(dir, "srv"), 0o755), os.Chmod(filepath.Join(dir, "srv"), 0o750)); err != nil {
					t.Fatal(err)
				}
			},
			run: run(project(), transaction.create, "srv"), after: merge(top, below("srv", projectTree()), map[string]string{"srv": "drwxr-x---"}),
		}, {
			name: "modify", prepare: func(t testing.TB, dir string) { plantPatched(t, filepath.Join(dir, "srv")) },
			run: run(patch(), transaction.modify, "srv"), after: merge(top, below("srv", patchedTree())),
			lasting: map[string]bool{"remove all": true, "remove empty": true},
		}, {
			name: "modify empty", prepare: func(t testing.TB, dir string) {
				if err := os.Mkdir(filepath.Join(dir, "srv"), 0o755); err != nil {
					t.Fatal(err)
				}
			},
			run: run(project(), transaction.modify, "srv"), after: merge(top, below("srv", projectTree())),
			lasting: map[string]bool{"remove all": true},
		}, {
			name: "modify a module", prepare: func(t testing.TB, dir string) { plantModule(t, dir, false) },
			run: run(retrofitted(), transaction.modify, "srv"), after: merge(top, below("srv", retrofittedTree())),
			lasting: map[string]bool{"remove all": true},
		}, {
			name: "modify a module back", prepare: func(t testing.TB, dir string) { plantModule(t, dir, true) },
			run: run(takenBack(), transaction.modify, "srv"), after: merge(top, below("srv", moduleTree())),
			lasting: map[string]bool{"remove all": true, "remove empty": true},
		},
	}
}

// eachChange runs try with n = 1, 2, … until the nth change does not come any more, and says so in the log.
func eachChange(t *testing.T, try func(n int, dir string) (reached bool)) {
	n := 1
	for try(n, t.TempDir()) {
		n++
	}
	t.Logf("%d changes", n-1)
	if n < 10 {
		t.Errorf("only %d changes asked: the hook is not where the changes are", n-1)
	}
}

func TestErrorAtEachChange(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			eachChange(t, func(n int, dir string) bool {
				sc.prepare(t, dir)
				before := tree(t, dir)
				failing := ""
				s := saboteur{at: n, do: func(op, path string) error { failing = op; return syscall.ENOSPC }}
				err := sc.run(t.Context(), s.system(1<<30), dir)
				switch {
				case !s.reached() && err != nil:
					t.Errorf("without a fault: %v", err)
				case !s.reached():
					sameTree(t, "without a fault", tree(t, dir), sc.after)
				case sc.lasting[failing]:
					if err != nil {
						t.Errorf("%v when everything is done already", err)
					}
				default:
					wantFailed(t, err, syscall.ENOSPC)
					sameTree(t, "failed at "+strconv.Itoa(n)+" "+s.ops[n-1], tree(t, dir), before)
				}
				return s.reached()
			})
		})
	}
}

func wantFailed(t testing.TB, err, want error) {
	t.Helper()
	var failed *Failed
	if !errors.As(err, &failed) || !errors.Is(err, want) {
		t.Errorf("error %v, want failed because of %v", err, want)
	} else if failed.Undo != nil {
		t.Errorf("error %v, want everything undone", err)
	}
}

// changes counts those of a scenario that works, but for the lasting ones at its end.
func changes(t *testing.T, sc scenario) int {
	t.Helper()
	dir := t.TempDir()
	sc.prepare(t, dir)
	var s saboteur
	if err := sc.run(t.Context(), s.system(1<<30), dir); err != nil {
		t.Fatal(err)
	}
	n := len(s.ops)
	for sc.lasts(s.ops[n-1]) {
		n--
	}
	return n
}

func (sc scenario) lasts(change string) bool {
	for op := range sc.lasting {
		if strings.HasPrefix(change, op+" ") {
			return true
		}
	}
	return false
}

func TestCancelAtEachChange(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			committed := changes(t, sc)
			eachChange(t, func(n int, dir string) bool {
				sc.prepare(t, dir)
				before := tree(t, dir)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := saboteur{at: n, do: func(string, string) error { cancel(); return nil }}
				err := sc.run(ctx, s.system(1<<30), dir)
				if n >= committed {
					if err != nil {
						t.Errorf("cancelled at %d, when everything is done: %v", n, err)
					}
					sameTree(t, "cancelled too late", tree(t, dir), sc.after)
				} else {
					wantFailed(t, err, context.Canceled)
					sameTree(t, "cancelled at "+strconv.Itoa(n), tree(t, dir), before)
				}
				return s.reached()
			})
		})
	}
}

var errDead = errors.New("dead")

// die is what a kill looks like to the disk. A write leaves half a file.
func die(op, path string) error {
	if op == "write" {
		if b, err := os.ReadFile(path); err == nil && len(b) == 0 {
			return errors.Join(errDead, os.WriteFile(path, []byte("SEC"), 0))
		}
	}
	return errDead
}

func TestDeathAtEachChange(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			eachChange(t, func(n int, dir string) bool {
				sc.prepare(t, dir)
				before := tree(t, dir)
				s := saboteur{at: n, dead: true, do: die}
				_ = sc.run(t.Context(), s.system(1<<30), dir)
				rise(t, sc, dir, before)
				return s.reached()
			})
		})
	}
}

// rise checks what a killed run has left: the target as before or complete, and a later run that works.
func rise(t *testing.T, sc scenario, dir string, before map[string]string) {
	t.Helper()
	survivor := (&saboteur{}).system(1<<30 + 1)
	target := filepath.Join(dir, "srv")
	if _, err := survivor.recover(target); err != nil {
		t.Errorf("recovering: %v", err)
	}
	now := visible(t, dir)
	if isSame(now, visibleIn(sc.after)) {
		return
	}
	sameTree(t, "after death", now, visibleIn(before))
	if err := sc.run(t.Context(), survivor, dir); err != nil {
		t.Errorf("the next run: %v", err)
	}
	sameTree(t, "after the next run", tree(t, dir), sc.after)
}

// visible is the tree without what the next run sweeps, and without the directories that may be left empty.
func visible(t testing.TB, dir string) map[string]string { return visibleIn(tree(t, dir)) }

func visibleIn(tree map[string]string) map[string]string {
	seen := make(map[string]string)
	for name, what := range tree {
		if !isSwept(name) && !slices.Contains([]string{"a", "a/b", "srv/old", "srv/internal", "srv/internal/mcpauth"}, name) {
			seen[name] = what
		}
	}
	return seen
}

func isSwept(name string) bool {
	for ; name != "."; name = filepath.ToSlash(filepath.Dir(name)) {
		base := filepath.Base(name)
		if _, ok := scratchOwner(base, scratchStem); ok {
			return true
		}
		if _, ok := scratchOwner(base, siblingStem("srv")); ok {
			return true
		}
	}
	return false
}

// stride thins out the tests that kill twice: for each first death the second ones are this far apart, and
// begin one later than for the death before.
const stride = 5

// TestDeathDuringRecovery kills Modify at each change, and Recover at changes of its own after that.
func TestDeathDuringRecovery(t *testing.T) {
	t.Parallel()
	sc := scenarios()[2]
	deaths := 0
	eachChange(t, func(n int, dir string) bool {
		for m := 1 + n%stride; ; m += stride {
			again := filepath.Join(dir, strconv.Itoa(m))
			if err := os.Mkdir(again, 0o755); err != nil {
				t.Fatal(err)
			}
			sc.prepare(t, again)
			before := tree(t, again)
			s := saboteur{at: n, dead: true, do: die}
			_ = sc.run(t.Context(), s.system(1<<30), again)
			r := saboteur{at: m, dead: true, do: die}
			_, _ = r.system(1<<30 + 2).recover(filepath.Join(again, "srv"))
			rise(t, sc, again, before)
			if !r.reached() {
				return s.reached()
			}
			deaths++
		}
	})
	if deaths < 40 {
		t.Errorf("%d deaths, want more", deaths)
	}
	t.Logf("%d deaths", deaths)
}

// TestDeathDuringUndo fails Modify at each change, and kills it at changes of the undoing that follows.
func TestDeathDuringUndo(t *testing.T) {
	t.Parallel()
	sc := scenarios()[2]
	deaths := 0
	eachChange(t, func(n int, dir string) bool {
		for m := n + 1 + n%stride; ; m += stride {
			again := filepath.Join(dir, strconv.Itoa(m))
			if err := os.Mkdir(again, 0o755); err != nil {
				t.Fatal(err)
			}
			sc.prepare(t, again)
			before := tree(t, again)
			s := saboteur{at: n, dead: true}
			s.do = func(op, path string) error {
				switch now := len(s.ops); {
				case now == n:
					return syscall.EIO
				case now >= m:
					return die(op, path)
				}
				return nil
			}
			err := sc.run(t.Context(), s.system(1<<30), again)
			undone := len(s.ops) < m
			if failed, ok := errors.AsType[*Failed](err); ok && undone != (failed.Undo == nil) {
				t.Errorf("error %d, death %d: %v, undone %v", n, m, err, undone)
			}
			rise(t, sc, again, before)
			if undone {
				return s.reached()
			}
			deaths++
		}
	})
	if deaths < 40 {
		t.Errorf("%d deaths, want more", deaths)
	}
	t.Logf("%d deaths", deaths)
}
