//go:build !windows

package apply

import (
	"io/fs"
	"os"
	"syscall"
	"testing"
)

// A statInfo is a file whose device and owner are made up.
type statInfo struct {
	fs.FileInfo
	stat syscall.Stat_t
}

func (i statInfo) Sys() any { return &i.stat }

func TestAnchored(t *testing.T) {
	t.Parallel()
	own, parent := statInfo{}, statInfo{}
	own.stat.Dev, parent.stat.Dev = 7, 7
	own.stat.Uid = uint32(os.Geteuid())
	parent.stat.Uid = own.stat.Uid + 1
	mounted, foreign := own, own
	mounted.stat.Dev = 8
	foreign.stat.Uid++
	for name, test := range map[string]struct {
		info statInfo
		want bool
	}{"own": {own, false}, "mounted": {mounted, true}, "another user's": {foreign, true}} {
		if got := anchored(test.info, parent); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
