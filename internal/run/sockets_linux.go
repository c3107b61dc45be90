package run

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A socket listens for connections.
type socket struct {
	address netip.AddrPort
	link    string // as the open files of its process name it
}

// listeningSockets are those of the network that a directory of proc(5) belongs to: /proc, or /proc/PID for the network of
// that process.
func listeningSockets(dir string) []socket {
	var found []socket
	for _, table := range []string{"tcp", "tcp6"} {
		if data, err := os.ReadFile(filepath.Join(dir, "net", table)); err == nil {
			found = append(found, parseSockets(string(data))...)
		}
	}
	return found
}

// parseSockets reads the listening sockets in a table of proc_net_tcp(5).
func parseSockets(table string) []socket {
	const listen = "0A"
	var found []socket
	for line := range strings.Lines(table) {
		fields := strings.Fields(line) // number, local address, remote address, state, …, inode is the tenth
		if len(fields) < 10 || fields[3] != listen {
			continue
		}
		if address, ok := parseAddress(fields[1]); ok {
			found = append(found, socket{address, "socket:[" + fields[9] + "]"})
		}
	}
	return found
}

// parseAddress reads an address in hexadecimal: words of four bytes in the order of the machine, a colon, and the port.
func parseAddress(text string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(text, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, false
	}
	words, err := hex.DecodeString(host)
	if err != nil || len(words)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(words); i += 4 {
		binary.NativeEndian.PutUint32(words[i:], binary.BigEndian.Uint32(words[i:]))
	}
	ip, ok := netip.AddrFromSlice(words)
	return netip.AddrPortFrom(ip, uint16(number)), ok
}

// listening returns where the processes of a group listen.
func listening(group int) ([]netip.AddrPort, error) {
	var addresses []netip.AddrPort
	for _, dir := range members(group) {
		held := openFiles(dir)
		for _, s := range listeningSockets(dir) {
			if slices.Contains(held, s.link) {
				addresses = append(addresses, s.address)
			}
		}
	}
	slices.SortFunc(addresses, netip.AddrPort.Compare)
	return slices.Compact(addresses), nil
}

// members are the directories of a group's processes.
func members(group int) []string {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	return slices.DeleteFunc(dirs(stats), func(dir string) bool {
		data, err := os.ReadFile(filepath.Join(dir, "stat"))
		// The second field, the name in parentheses, may hold anything. State, parent and group follow.
		fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
		return err != nil || len(fields) < 3 || fields[2] != strconv.Itoa(group)
	})
}

func dirs(names []string) []string {
	for i, name := range names {
		names[i] = filepath.Dir(name)
	}
	return names
}

// openFiles are what a process has open, as the links to it read.
func openFiles(dir string) []string {
	files, _ := filepath.Glob(filepath.Join(dir, "fd", "*")) // the pattern is well-formed
	var links []string
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil {
			links = append(links, target)
		}
	}
	return links
}
