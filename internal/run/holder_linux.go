package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holder names the process that listens on a port. Only the same user's processes can be looked into; of others
// nothing is known.
func holder(port int) string {
	var links []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(table)
		if err == nil {
			links = append(links, listening(string(data), port)...)
		}
	}
	for _, link := range links {
		if pid := owner(link); pid != "" {
			return process(pid)
		}
	}
	return ""
}

// listening finds a port's listening sockets in a table of proc_net_tcp(5), in the form that links to them have.
func listening(table string, port int) []string {
	const listen = "0A"
	var links []string
	for line := range strings.Lines(table) {
		fields := strings.Fields(line) // number, local address, remote address, state, …, inode is the tenth
		if len(fields) > 9 && fields[3] == listen && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
			links = append(links, "socket:["+fields[9]+"]")
		}
	}
	return links
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
