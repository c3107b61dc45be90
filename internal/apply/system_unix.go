//go:build !windows

package apply

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// alive says whether a process exists. When in doubt it does.
func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }

// anchored says that info is a mount point in parent, or belongs to someone else.
func anchored(info, parent fs.FileInfo) bool {
	here, ok := info.Sys().(*syscall.Stat_t)
	above, ok2 := parent.Sys().(*syscall.Stat_t)
	return !ok || !ok2 || here.Dev != above.Dev || int(here.Uid) != os.Geteuid()
}

// replace puts the directory from in the place of the empty directory to, whose mode it takes. os.Rename
// refuses any directory as destination; the system call does it in one step, if to is still empty.
func (f files) replace(from, to string, mode fs.FileMode) error {
	if err := f.chmod(from, mode); err != nil {
		return err
	}
	if err := f.ask("rename", from); err != nil {
		return err
	}
	dir := f.root.Name()
	if err := syscall.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

func (f files) chmod(name string, mode fs.FileMode) error {
	if err := f.ask("chmod", name); err != nil {
		return err
	}
	return f.root.Chmod(name, mode)
}
