package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A pendingFile takes its name when it is complete. Nil stands for none that was asked for.
type pendingFile struct {
	temporary *os.File
	name      string
}

// pending opens a file beside name, so that one which cannot be written is known before anything else is done.
func pending(name string) (*pendingFile, error) {
	if name == "" {
		return nil, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, usageError{fmt.Errorf("writing %s: it is no regular file", name)}
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	return &pendingFile{f, name}, nil
}

// commit writes the file and gives it its name.
func (f *pendingFile) commit(content []byte) error {
	if f == nil {
		return nil
	}
	const readable = 0o644 // by the CI system, which may be another user; CreateTemp keeps it to its owner
	_, err := f.temporary.Write(content)
	err = errors.Join(err, f.temporary.Chmod(readable), f.temporary.Close())
	if err == nil {
		err = os.Rename(f.temporary.Name(), f.name)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.name, err)
	}
	return nil
}

// discard removes what was not committed.
func (f *pendingFile) discard() {
	if f != nil {
		_ = f.temporary.Close()
		_ = os.Remove(f.temporary.Name()) // after a commit there is none
	}
}
