//go:build !windows && !linux

package apply

import (
	"syscall"
	"testing"
)

func unprivileged(t *testing.T, f func() error) error {
	t.Helper()
	if syscall.Geteuid() == 0 {
		t.Fatal("run the tests as another user: root is never without permission")
	}
	return f()
}
