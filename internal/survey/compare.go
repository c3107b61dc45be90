package survey

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// A difference is what a copy has otherwise than at first, by slash-separated path. Nil bytes are a file that is not
// there.
type difference map[string]struct{ before, after []byte }

// compare returns what differs between two states. Links are compared by where they lead, and modes count.
func compare(before, after map[string]file) difference {
	d := make(difference)
	names := maps.Clone(before)
	maps.Copy(names, after)
	for name := range names {
		if old, now := before[name], after[name]; old.mode != now.mode || !bytes.Equal(old.content, now.content) {
			d[name] = struct{ before, after []byte }{old.content, now.content}
		}
	}
	return d
}

type file struct {
	mode    fs.FileMode
	content []byte
}

// tree reads everything that dir has below start.
func tree(dir, start string) (map[string]file, error) {
	files := make(map[string]file)
	root := os.DirFS(dir)
	err := fs.WalkDir(root, start, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		f := file{mode: info.Mode()}
		if f.mode&fs.ModeSymlink != 0 {
			var link string
			link, err = os.Readlink(filepath.Join(dir, name))
			f.content = []byte(link)
		} else {
			f.content, err = fs.ReadFile(root, name)
		}
		files[name] = f
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	return files, nil
}

// changes returns where lines of the program's own Go files are not as they were, as file:line, sorted.
func (d difference) changes(module string) []string {
	var at []string
	for _, name := range slices.Sorted(maps.Keys(d)) {
		change := d[name]
		if change.before == nil || path.Ext(name) != ".go" {
			continue
		}
		for _, line := range gone(change.before, change.after) {
			at = append(at, fmt.Sprintf("%s:%d", relative(module, name), line))
		}
	}
	return at
}

// packages returns the directories of the program's own packages in which Go files changed, sorted.
func (d difference) packages(module string) []string {
	var dirs []string
	for name, change := range d {
		if change.before != nil && path.Ext(name) == ".go" {
			dirs = append(dirs, "./"+path.Dir(relative(module, name)))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

func relative(module, name string) string {
	if module == "." {
		return name
	}
	return name[len(module)+1:]
}

// gone returns the numbers of the lines of before that after lacks, from 1.
func gone(before, after []byte) []int {
	left := make(map[string]int)
	for line := range bytes.Lines(after) {
		left[string(line)]++
	}
	var numbers []int
	number := 0
	for line := range bytes.Lines(before) {
		number++
		if left[string(line)] == 0 {
			numbers = append(numbers, number)
			continue
		}
		left[string(line)]--
	}
	return numbers
}
