package dev

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// pollInterval is the time between two looks at the files, and for how long they must be at rest.
const pollInterval = 250 * time.Millisecond

// A stamp tells one state of a file from another.
type stamp struct {
	modified time.Time
	size     int64
	mode     fs.FileMode
}

// snapshot is the state of the files in tree whose base name matches a pattern. Folders are left out that are hidden, or
// hold what others wrote.
func snapshot(tree fs.FS, patterns []string) map[string]stamp {
	files := map[string]stamp{}
	_ = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // it went away meanwhile, or cannot be read: then it does not count
		case entry.IsDir() && name != "." && foreign(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !matches(patterns, entry.Name()):
			return nil
		}
		if info, err := fs.Stat(tree, name); err == nil { // not entry.Info: a link stands for its target
			files[name] = stamp{info.ModTime(), info.Size(), info.Mode()}
		}
		return nil
	})
	return files
}

func foreign(folder string) bool {
	return strings.HasPrefix(folder, ".") || slices.Contains([]string{"vendor", "node_modules", "__pycache__"}, folder)
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}

// changed returns the names that differ, sorted.
func changed(before, after map[string]stamp) []string {
	names := map[string]bool{}
	for name, state := range after {
		if before[name] != state {
			names[name] = true
		}
	}
	for name := range before {
		if _, there := after[name]; !there {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// A watcher notices what changes after it was made.
type watcher struct {
	tree     fs.FS
	patterns []string
	seen     map[string]stamp
}

func newWatcher(tree fs.FS, patterns []string) *watcher {
	return &watcher{tree, patterns, snapshot(tree, patterns)}
}

// run sends the names of the files that have changed, once they are at rest, until ctx ends. What changes before
// somebody receives is sent next.
func (w *watcher) run(ctx context.Context, changes chan<- []string) {
	last := w.seen
	for {
		start := time.Now()
		now := snapshot(w.tree, w.patterns)
		if names := changed(w.seen, now); len(names) > 0 && maps.Equal(last, now) {
			select {
			case changes <- names:
				w.seen = now
			case <-ctx.Done():
				return
			}
		}
		last = now
		select { // a tree that takes long to look at is looked at less often
		case <-time.After(max(pollInterval, 10*time.Since(start))):
		case <-ctx.Done():
			return
		}
	}
}
