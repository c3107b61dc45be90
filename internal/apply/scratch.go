package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
)

// A scratch directory holds nothing that anyone needs: files being staged, a journal being written, or one that is
// done with. Its name is a stem and the process it belongs to, so that a later run can tell when it is abandoned.

const scratchStem = ".mcpauth-scratch-" // of scratch directories inside a target

// siblingStem is the stem of what is written beside base before it takes that name. It leaves room for the
// process in a name of 255 bytes.
func siblingStem(base string) string {
	const longest = 220
	if len(base) > longest {
		base = strings.ToValidUTF8(base[:longest], "")
	}
	return "." + base + ".mcpauth-"
}

// free returns the first name with the stem that this process can take.
func (f files) free(stem string) (string, error) {
	name := stem + strconv.Itoa(f.pid)
	for n := 2; ; n++ {
		_, err := f.root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		name = fmt.Sprintf("%s%d-%d", stem, f.pid, n)
	}
}

// scratch makes a directory that no other transaction uses, in this process or another.
func (f files) scratch(stem string, mode fs.FileMode) (string, error) {
	for {
		name, err := f.free(stem)
		if err != nil {
			return "", err
		}
		err = f.mkdir(name, mode)
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

// sweep removes the scratch directories of processes that are gone and returns their paths. What it cannot remove
// stays for a later run. Each is renamed first: should its process live after all, where this one cannot see it, that
// process fails cleanly instead of finishing with half of its files.
func (f files) sweep(stem string) (removed []string) {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, ok := scratchOwner(e.Name(), stem)
		if !ok || !e.IsDir() || f.alive(pid) {
			continue
		}
		mine, err := f.free(stem)
		if err == nil {
			err = f.rename(e.Name(), mine)
		}
		if err == nil {
			err = f.removeAll(mine)
		}
		if err == nil {
			removed = append(removed, filepath.Join(f.root.Name(), e.Name()))
		}
	}
	return removed
}

// scratchOwner returns the process in a name that free returned for the stem.
func scratchOwner(name, stem string) (pid int, ok bool) {
	rest, ok := strings.CutPrefix(name, stem)
	if !ok {
		return 0, false
	}
	owner, serial, numbered := strings.Cut(rest, "-")
	pid, err := strconv.Atoi(owner)
	if err != nil || pid <= 0 || strconv.Itoa(pid) != owner {
		return 0, false
	}
	if numbered {
		n, err := strconv.Atoi(serial)
		return pid, err == nil && n >= 2
	}
	return pid, true
}
