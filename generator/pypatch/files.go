package pypatch

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

const (
	mostFiles = 2000    // of a project that are looked at
	mostBytes = 1 << 20 // of one of them
)

// files returns the Python files of the project that are its own, sorted.
func (p *program) files() []string {
	var files []string
	_ = fs.WalkDir(p.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || len(files) == mostFiles:
			return fs.SkipDir
		case entry.IsDir() && name != "." && foreign(p.FS, name):
			return fs.SkipDir
		case entry.Type().IsRegular() && path.Ext(name) == ".py":
			files = append(files, name)
		}
		return nil
	})
	return files
}

// foreign says whether a directory holds code of others, or none.
func foreign(project fs.FS, dir string) bool {
	name := path.Base(dir)
	known := []string{"venv", "env", "node_modules", "site-packages", "__pycache__", "build", "dist"}
	_, err := fs.Stat(project, path.Join(dir, "pyvenv.cfg"))
	return strings.HasPrefix(name, ".") || slices.Contains(known, name) || err == nil
}

// read takes a file of the project apart; nil where it is not there, too large, or no Python.
func (p *program) read(name string) *source {
	if name == p.Entry && p.source != nil {
		return p.source
	}
	info, err := fs.Stat(p.FS, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostBytes {
		return nil
	}
	content, err := fs.ReadFile(p.FS, name)
	if err != nil {
		return nil
	}
	s, err := parse(name, content)
	if err != nil {
		return nil
	}
	return s
}

// has says whether there is such a file in the project.
func (p *program) has(name string) bool {
	info, err := fs.Stat(p.FS, name)
	return err == nil && info.Mode().IsRegular()
}

// hasModule says whether a path without its suffix is a module: a file, or a directory with Python in it.
func (p *program) hasModule(name string) bool {
	if p.has(name + ".py") {
		return true
	}
	entries, err := fs.ReadDir(p.FS, name)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return path.Ext(e.Name()) == ".py" })
}
