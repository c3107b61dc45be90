package apply

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// files changes what is below one directory, asking its system before each step.
type files struct {
	root *os.Root
	system
}

// content is a file to be written.
type content struct {
	bytes   []byte
	mode    fs.FileMode // exact, whatever the umask
	private bool        // closed to others from its first moment
	durable bool        // flushed to the disk
}

func (f files) ask(op, name string) error { return f.before(op, filepath.Join(f.root.Name(), name)) }

func (f files) mkdir(name string, mode fs.FileMode) error {
	if err := f.ask("mkdir", name); err != nil {
		return err
	}
	return f.root.Mkdir(name, mode)
}

// mkdirs makes dir and its parents, except those in made, to which it adds them.
func (f files) mkdirs(dir string, made map[string]bool) error {
	if dir == "." || made[dir] {
		return nil
	}
	if err := f.mkdirs(path.Dir(dir), made); err != nil {
		return err
	}
	made[dir] = true
	return f.mkdir(dir, 0o755)
}

func (f files) rename(from, to string) error {
	if err := f.ask("rename", from); err != nil {
		return err
	}
	return f.root.Rename(from, to)
}

// remove removes a file, or an empty directory, that may be gone already.
func (f files) remove(name string) error {
	if _, err := f.root.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := f.ask("remove", name); err != nil {
		return err
	}
	return f.root.Remove(name)
}

// removeTemp removes a temporary file. What lookup refuses is not one: someone else has put it there.
func (f files) removeTemp(name string) error {
	info, err := lookup(f.root, name)
	if isRefused(err) || err == nil && info == nil {
		return nil
	}
	if err != nil {
		return err
	}
	return f.remove(name)
}

// removeDir removes a directory unless something else is in it or in its place.
func (f files) removeDir(name string) error {
	info, err := f.root.Lstat(name)
	if err != nil || !info.IsDir() {
		return nil
	}
	if err := f.remove(name); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (f files) removeAll(name string) error {
	if err := f.ask("remove all", name); err != nil {
		return err
	}
	return f.root.RemoveAll(name)
}

// write makes a new file. After an error a part of it may be there.
func (f files) write(name string, c content) error {
	if err := f.ask("create", name); err != nil {
		return err
	}
	mode := c.mode.Perm()
	if c.private {
		mode &= 0o600
	}
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	err = f.fill(file, name, c)
	if err == nil {
		err = f.ask("close", name)
	}
	return errors.Join(err, file.Close())
}

func (f files) fill(file *os.File, name string, c content) error {
	if err := f.ask("write", name); err != nil {
		return err
	}
	if _, err := file.Write(c.bytes); err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Mode()&modeBits != c.mode&modeBits {
		if err := f.ask("chmod", name); err != nil {
			return err
		}
		if err := file.Chmod(c.mode & modeBits); err != nil {
			return err
		}
	}
	if !c.durable {
		return nil
	}
	if err := f.ask("sync", name); err != nil {
		return err
	}
	return f.flush(file)
}

// syncDir flushes the names in a directory where the system can do that. Windows cannot.
func (f files) syncDir(name string) {
	if dir, err := f.root.Open(name); err == nil {
		_ = f.flush(dir)
		_ = dir.Close()
	}
}
