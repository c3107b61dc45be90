package apply

import (
	"errors"
	"io/fs"
	"os"
	"runtime"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// A snapshot is a regular file as it was found.
type snapshot struct {
	bytes []byte
	mode  fs.FileMode // modeBits only
}

func (s *snapshot) digest() plan.Digest { return plan.Sum(s.bytes) }

// hasMode says whether the file's mode is mode, as far as the system keeps one: Windows only has a read-only bit.
func (s *snapshot) hasMode(mode fs.FileMode) bool {
	bits := modeBits
	if runtime.GOOS == "windows" {
		bits = 0o200
	}
	return s.mode&bits == mode&bits
}

// snap reads the file at name. It returns nil when nothing is there, and refuses what is not a regular file.
func snap(root *os.Root, name string) (*snapshot, error) {
	info, err := lookup(root, name)
	if err != nil || info == nil {
		return nil, err
	}
	b, err := root.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &snapshot{bytes: b, mode: info.Mode() & modeBits}, nil
}

// lookup describes the regular file at name without following a link, or returns nil when nothing is there.
// It asks the file system for each name, so that one that ignores case answers by its own rules.
func lookup(root *os.Root, name string) (fs.FileInfo, error) {
	for i, c := range name {
		if c != '/' {
			continue
		}
		info, err := lstat(root, name[:i])
		if err != nil || info == nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, &Refused{Path: name[:i], Reason: NotDirectory}
		}
	}
	info, err := lstat(root, name)
	if err == nil && info != nil && !info.Mode().IsRegular() {
		return nil, &Refused{Path: name, Reason: Irregular}
	}
	return info, err
}

// lstat returns nil when nothing is there.
func lstat(root *os.Root, name string) (fs.FileInfo, error) {
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, &Refused{Path: name, Reason: Symlink}
	}
	return info, nil
}
