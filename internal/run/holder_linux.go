package run

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holder names the process that listens on a port. Only the same user's processes can be looked into; of others
// nothing is known.
func holder(port int) string {
	for _, s := range listeningSockets("/proc") {
		if int(s.address.Port()) != port {
			continue
		}
		if pid := owner(s.link); pid != "" {
			return process(pid)
		}
	}
	return ""
}

// owner returns the id of a process that holds the socket.
func owner(link string) string {
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is well-formed
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && target == link {
			return strings.Split(file, "/")[2]
		}
	}
	return ""
}

func process(pid string) string {
	name, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return "pid " + pid
	}
	// A process chooses its name: control characters would reach the terminal.
	quoted := strconv.Quote(strings.TrimSpace(string(name)))
	return strings.Trim(quoted, `"`) + " (pid " + pid + ")"
}
