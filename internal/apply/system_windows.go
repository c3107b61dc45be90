package apply

import (
	"errors"
	"io/fs"
	"syscall"
)

// alive says whether a process exists. When in doubt it does.
func alive(pid int) bool {
	const invalidParameter = syscall.Errno(87) // what OpenProcess says to an identifier that no process has
	process, err := syscall.OpenProcess(syscall.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return !errors.Is(err, invalidParameter)
	}
	defer syscall.CloseHandle(process)
	event, err := syscall.WaitForSingleObject(process, 0)
	return err != nil || event != syscall.WAIT_OBJECT_0
}

// anchored is false: the rename itself fails on a mount point.
func anchored(_, _ fs.FileInfo) bool { return false }

// replace puts the directory from in the place of the empty directory to. Windows has no single step for
// that: a process killed between the two leaves no target.
func (f files) replace(from, to string, mode fs.FileMode) error {
	if err := f.remove(to); err != nil {
		return err
	}
	err := f.rename(from, to)
	if err != nil {
		return errors.Join(err, f.root.Mkdir(to, mode.Perm()))
	}
	return nil
}
