package apply

import (
	"runtime"
	"syscall"
	"testing"
)

// unprivileged calls f on a thread whose file accesses are those of nobody, if the process is root's.
func unprivileged(t *testing.T, f func() error) error {
	t.Helper()
	if syscall.Geteuid() != 0 {
		return f()
	}
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	setfsuid(nobody)
	defer setfsuid(0)
	return f()
}

func setfsuid(uid uintptr) { syscall.RawSyscall(syscall.SYS_SETFSUID, uid, 0, 0) }
