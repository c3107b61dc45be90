package dev

import (
	"context"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
)

// A shared tree is changed while it is watched.
type shared struct {
	mu    sync.Mutex
	files fstest.MapFS
}

func newShared() *shared {
	return &shared{files: fstest.MapFS{"a.go": file("a", 1), "b.go": file("b", 1)}}
}

func (s *shared) Open(name string) (fs.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files.Open(name)
}

func (s *shared) set(name, content string, modified int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = file(content, modified)
}

func (s *shared) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, name)
}

func file(content string, modified int64) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(content), ModTime: time.Unix(modified, 0)}
}

func TestSnapshotTakesWhatTheServerWasMadeFrom(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{}
	for _, name := range []string{
		"main.go", "internal/tools/tools.go", "go.mod", ".env", // these
		"README.md", "go.mod.orig", ".env.example", ".git/hooks/x.go", "vendor/x/x.go", "node_modules/x/x.go", ".idea/x.go",
	} {
		tree[name] = file("", 1)
	}
	var names []string
	for name := range snapshot(tree, []string{"*.go", "go.mod", ".env"}) {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{".env", "go.mod", "internal/tools/tools.go", "main.go"}; !slices.Equal(names, want) {
		t.Errorf("watches %q, want %q", names, want)
	}
}

// watching lets a test change a tree while time passes, and collects what is reported.
func watching(t *testing.T, tree *shared, change func()) [][]string {
	t.Helper()
	var reports [][]string
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		changes := make(chan []string)
		w := newWatcher(tree, []string{"*.go"})
		go func() {
			defer close(changes)
			w.run(ctx, changes)
		}()
		go func() {
			change()
			time.Sleep(time.Minute)
			cancel()
		}()
		for names := range changes {
			reports = append(reports, names)
		}
	})
	return reports
}

// pause lets the watcher look. The looks are at whole intervals, the changes between them.
func pause(intervals time.Duration) { time.Sleep(intervals*pollInterval + pollInterval/2) }

func TestWatcherReports(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(tree *shared)
		want   [][]string
	}{
		{"nothing", func(*shared) {}, nil},
		{"a time", func(tree *shared) { tree.set("a.go", "a", 2) }, [][]string{{"a.go"}}},
		{"a size", func(tree *shared) { tree.set("a.go", "aa", 1) }, [][]string{{"a.go"}}},
		{"a new file", func(tree *shared) { tree.set("c.go", "", 1) }, [][]string{{"c.go"}}},
		{"a file that went", func(tree *shared) { tree.remove("b.go") }, [][]string{{"b.go"}}},
		{"another kind of file", func(tree *shared) { tree.set("c.md", "", 1) }, nil},
		{"a rename", func(tree *shared) {
			tree.set("c.go", "b", 1)
			tree.remove("b.go")
		}, [][]string{{"b.go", "c.go"}}},
		{"two at once", func(tree *shared) {
			tree.set("b.go", "", 9)
			tree.set("a.go", "", 9)
		}, [][]string{{"a.go", "b.go"}}},
		{"there and back", func(tree *shared) {
			tree.set("a.go", "x", 2)
			pause(0)
			tree.set("a.go", "a", 1)
		}, nil},
		{"a series is one change", func(tree *shared) {
			for i := range int64(5) {
				tree.set("a.go", "", 10+i)
				time.Sleep(pollInterval)
			}
		}, [][]string{{"a.go"}}},
		{"two changes apart", func(tree *shared) {
			tree.set("a.go", "", 2)
			pause(4)
			tree.set("b.go", "", 2)
		}, [][]string{{"a.go"}, {"b.go"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tree := newShared()
			got := watching(t, tree, func() {
				pause(2)
				tc.change(tree)
			})
			if !slices.EqualFunc(got, tc.want, slices.Equal) {
				t.Errorf("reported %q, want %q", got, tc.want)
			}
		})
	}
}

// TestWatcherKeepsWhatChangesDuringABuild wants a change to be reported that comes while nobody receives.
func TestWatcherKeepsWhatChangesDuringABuild(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tree := newShared()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		changes := make(chan []string)
		go newWatcher(tree, []string{"*.go"}).run(ctx, changes)
		pause(2)
		tree.set("a.go", "", 2)
		receive := func() []string {
			select {
			case names := <-changes:
				return names
			case <-time.After(time.Hour):
				t.Fatal("nothing was reported")
				return nil
			}
		}
		if got := receive(); !slices.Equal(got, []string{"a.go"}) {
			t.Errorf("reported %q", got)
		}
		tree.set("a.go", "", 3)
		pause(9) // the build
		tree.set("b.go", "", 2)
		pause(2)
		seen := map[string]bool{}
		for len(seen) < 2 {
			for _, name := range receive() {
				seen[name] = true
			}
		}
	})
}
