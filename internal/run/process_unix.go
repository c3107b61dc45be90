//go:build unix

package run

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

const addressInUse = syscall.EADDRINUSE

// isolate makes the process the leader of a group of its own.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// terminate signals the process alone: passing it on is what a well-behaved server does itself.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// kill ends the whole group.
func kill(p *os.Process) error {
	err := syscall.Kill(-p.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
