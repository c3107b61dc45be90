package check

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// CopyRest copies into staged the regular files of target that it lacks, so that what is checked is what
// will be there. Hidden directories, of git for one, and symbolic links are left out.
func CopyRest(staged, target string) error {
	err := filepath.WalkDir(target, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(target, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && strings.HasPrefix(entry.Name(), ".") {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(staged, name), 0o700)
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		return copyNew(path, filepath.Join(staged, name))
	})
	if err != nil {
		return fmt.Errorf("copying %s to check it: %w", target, err)
	}
	return nil
}

// copyNew copies a file unless there is one already.
func copyNew(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
