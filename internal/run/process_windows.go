package run

import (
	"os"
	"os/exec"
	"syscall"
)

const addressInUse = syscall.Errno(10048) // WSAEADDRINUSE, which package syscall does not name

// isolate keeps a Ctrl-C in the console from reaching the child.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func terminate(p *os.Process) error { return p.Kill() }

func kill(p *os.Process) error { return p.Kill() }
