package apply

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A target is the directory that a plan is for.
type target struct {
	given string      // as the caller wrote it, for messages
	path  string      // absolute; a link to a directory is followed
	info  fs.FileInfo // nil when nothing is there
}

// locate finds the target without changing anything. It refuses one that is a file or below a file.
func locate(dir string) (target, error) {
	if dir == "" {
		return target{}, errors.New("locating the target: its name is empty")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return target{}, err
	}
	t := target{given: dir, path: abs}
	t.info, err = os.Lstat(abs)
	if err != nil {
		t.info = nil
		return t, t.checkMissing(err)
	}
	if t.info.Mode()&fs.ModeSymlink != 0 {
		if err := t.follow(); err != nil {
			return target{}, err
		}
	}
	if !t.info.IsDir() {
		return target{}, &Refused{Path: dir, Reason: NotDirectory}
	}
	return t, nil
}

func (t *target) follow() error {
	resolved, err := filepath.EvalSymlinks(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Refused{Path: t.given, Reason: Dangling}
	}
	if err != nil {
		return err
	}
	t.path = resolved
	t.info, err = os.Lstat(resolved)
	return err
}

// checkMissing looks for a file where a parent should be, which systems report with different errors.
func (t *target) checkMissing(lstatErr error) error {
	for dir := filepath.Dir(t.path); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return &Refused{Path: dir, Reason: NotDirectory}
		}
		if err == nil || dir == filepath.Dir(dir) {
			break
		}
	}
	if errors.Is(lstatErr, fs.ErrNotExist) {
		return nil
	}
	return lstatErr
}

// fixed says that another directory cannot take this one's place by a rename without harm.
func (t *target) fixed() bool {
	parent, err := os.Stat(filepath.Dir(t.path))
	return err != nil || os.SameFile(parent, t.info) || anchored(t.info, parent) || holdsWorkingDirectory(t.info)
}

func holdsWorkingDirectory(info fs.FileInfo) bool {
	dir, err := os.Getwd()
	if err != nil {
		return false
	}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	for {
		if here, err := os.Stat(dir); err == nil && os.SameFile(here, info) {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
		dir = filepath.Dir(dir)
	}
}

// makeParents makes the directories above the target that are missing and returns them, outermost first.
func (t *target) makeParents(sys system) (made []string, err error) {
	var missing []string
	for dir := filepath.Dir(t.path); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append([]string{dir}, missing...)
	}
	for _, dir := range missing {
		if err := sys.before("mkdir", dir); err != nil {
			return made, err
		}
		err := os.Mkdir(dir, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return made, err
		}
		made = append(made, dir)
	}
	return made, nil
}

// removeParents removes what makeParents made, as long as nothing else is in it.
func removeParents(sys system, made []string) error {
	for i := len(made) - 1; i >= 0; i-- {
		if err := sys.before("remove", made[i]); err != nil {
			return err
		}
		if err := os.Remove(made[i]); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
