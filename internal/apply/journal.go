package apply

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/plan"
)

const (
	journalName   = ".mcpauth-journal" // in the target, from just before the first change until after the last
	journalList   = "journal.json"
	journalSchema = "mcpauth.journal/v1"
)

// A journal says how to undo a Modify. Its directory holds the list and the originals, readable by the owner alone.
type journal struct {
	Schema  string   `json:"schema"`
	Process int      `json:"process"`
	Dirs    []string `json:"dirs"` // to be made, parents first
	Entries []entry  `json:"entries"`

	changed int // entries whose path may have changed; not stored: after a crash it may be any of them
}

// An entry is one file to be changed.
type entry struct {
	Path     string    `json:"path"`
	Temp     string    `json:"temp"`     // where its new content is written, beside it
	New      string    `json:"new"`      // digest of that content; empty when the file is removed
	Original *original `json:"original"` // nil when there was no file
}

// An original is a file to be replaced, as it was.
type original struct {
	File   string      `json:"file"` // its copy in the journal
	Digest string      `json:"digest"`
	Mode   fs.FileMode `json:"mode"`

	bytes []byte
}

// save writes the journal into a scratch directory and returns its name. It counts once renamed to journalName.
func (j *journal) save(f files) (name string, err error) {
	name, err = f.scratch(scratchStem, 0o700)
	if err != nil {
		return "", err
	}
	for _, e := range j.Entries {
		if e.Original == nil {
			continue
		}
		c := content{bytes: e.Original.bytes, mode: 0o600, private: true, durable: true}
		if err := f.write(path.Join(name, e.Original.File), c); err != nil {
			return name, err
		}
	}
	list, err := json.Marshal(j)
	if err != nil {
		return name, err
	}
	err = f.write(path.Join(name, journalList), content{bytes: list, mode: 0o600, private: true, durable: j.durable()})
	if err == nil && j.durable() {
		f.syncDir(name)
	}
	return name, err
}

// durable says whether the journal holds bytes that exist nowhere else.
func (j *journal) durable() bool {
	return slices.ContainsFunc(j.Entries, func(e entry) bool { return e.Original != nil })
}

// loadJournal reads the journal in the target. It returns nil when there is none, and refuses one that came with
// the files, for example in a clone: git does not keep a directory private.
func loadJournal(f files) (*journal, error) {
	info, err := lstat(f.root, journalName)
	if err != nil || info == nil {
		return nil, err
	}
	if !info.IsDir() || !f.private(info) {
		return nil, &Refused{Path: journalName, Reason: Foreign}
	}
	list, err := f.root.ReadFile(path.Join(journalName, journalList))
	if err != nil {
		return nil, err
	}
	var j journal
	err = json.Unmarshal(list, &j)
	if err == nil {
		err = j.validate()
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path.Join(journalName, journalList), err)
	}
	j.changed = len(j.Entries)
	return &j, nil
}

// private says whether a directory has a mode that scratch gives. A file system without modes gives the
// same one to every directory.
func (f files) private(info fs.FileInfo) bool {
	if info.Mode()&0o077 == 0 {
		return true
	}
	name, err := f.scratch(scratchStem, 0o700)
	if err != nil {
		return false
	}
	fresh, err := f.root.Lstat(name)
	return f.remove(name) == nil && err == nil && fresh.Mode() == info.Mode()
}

func (j *journal) validate() error {
	if j.Schema != journalSchema {
		return fmt.Errorf("schema %q is not %q: use the version of mcpauth that wrote it", j.Schema, journalSchema)
	}
	for _, dir := range j.Dirs {
		if !fs.ValidPath(dir) || dir == "." || reserved(dir) {
			return fmt.Errorf("%q is not a directory that mcpauth makes", dir)
		}
	}
	for i, e := range j.Entries {
		if err := e.validate(i); err != nil {
			return err
		}
	}
	return nil
}

func (e entry) validate(i int) error {
	stem := path.Join(path.Dir(e.Path), siblingStem(path.Base(e.Path)))
	switch {
	case !fs.ValidPath(e.Path) || e.Path == "." || reserved(e.Path):
		return fmt.Errorf("%q is not a path that mcpauth writes", e.Path)
	case !strings.HasPrefix(e.Temp, stem) || !fs.ValidPath(e.Temp) || path.Dir(e.Temp) != path.Dir(e.Path):
		return fmt.Errorf("%q is not a temporary file of %s", e.Temp, e.Path)
	case e.Original != nil && (e.Original.File != originalFile(i) || e.Original.Mode&^modeBits != 0):
		return fmt.Errorf("%q is not the original of %s", e.Original.File, e.Path)
	}
	return nil
}

func originalFile(i int) string { return fmt.Sprintf("%04d", i) }

// content returns the original's bytes from the journal directory, checked.
func (o *original) content(root *os.Root) ([]byte, error) {
	b, err := root.ReadFile(path.Join(journalName, o.File))
	if err == nil && plan.Sum(b).String() != o.Digest {
		err = errors.New("its copy in the journal is damaged")
	}
	return b, err
}

// retire makes the journal void with one rename, after which there is nothing to undo. It returns the name of the
// scratch directory that the journal has become.
func retire(f files) (name string, err error) {
	name, err = f.free(scratchStem)
	if err != nil {
		return "", err
	}
	return name, f.rename(journalName, name)
}
