// Package plan describes changes to files as values, before anything is written.
//
// A plan is what a dry run prints, what the golden tests compare and what package apply carries out:
// there is no second description of the same change. A plan never holds a secret. Where a file needs
// one, the operation has a [Hole], and only apply is given the value.
package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Action says what an operation does to its path.
type Action string

const (
	// Create writes a file where none is. It is refused when something is there.
	Create Action = "create"
	// Overwrite replaces a whole file whose bytes are known from Op.Prior. It is refused when they differ.
	Overwrite Action = "overwrite"
	// Delete removes a file whose bytes are known from Op.Prior, and the directories that it leaves empty. It is refused
	// when they differ.
	Delete Action = "delete"
)

// Digest is the SHA-256 of a file's bytes.
type Digest [sha256.Size]byte

// Sum returns the digest of b.
func Sum(b []byte) Digest { return sha256.Sum256(b) }

func (d Digest) String() string { return "sha256:" + hex.EncodeToString(d[:]) }

// A Hole is a place in Op.Content where a secret is inserted when the file is written.
type Hole struct {
	Offset int    // byte offset into Op.Content, at most len(Op.Content)
	Secret string // name of the secret, for example "SK_CLIENT_SECRET"
}

// An Op writes or removes one file.
type Op struct {
	Action  Action
	Path    string      // slash separated, relative to the target, as fs.ValidPath wants it
	Mode    fs.FileMode // permission bits only
	Content []byte      // the whole file, without its secrets; empty for Delete
	Holes   []Hole      // ordered by offset
	Reason  string      // for the person who reads the plan: why this file
	Prior   *Digest     // the state that Overwrite and Delete expect; nil for Create
}

// Fill returns the bytes to write: Content with each hole's secret inserted.
// A secret that is missing from the map is written as nothing.
func (op Op) Fill(secrets map[string]string) []byte {
	if len(op.Holes) == 0 {
		return op.Content
	}
	var out bytes.Buffer
	last := 0
	for _, h := range op.Holes {
		out.Write(op.Content[last:h.Offset])
		out.WriteString(secrets[h.Secret])
		last = h.Offset
	}
	out.Write(op.Content[last:])
	return out.Bytes()
}

// A Plan is an ordered list of operations on one target directory, and notes for the person.
type Plan struct {
	Ops   []Op
	Notes []string
}

// Paths returns the path of each operation, in order.
func (p Plan) Paths() []string {
	paths := make([]string, len(p.Ops))
	for i, op := range p.Ops {
		paths[i] = op.Path
	}
	return paths
}

// Validate reports every operation that could write outside the target, twice to one path, through a
// path that another operation makes a file, or at a hole outside its content.
func (p Plan) Validate() error {
	var errs []error
	files := make(map[string]bool, len(p.Ops))
	for _, op := range p.Ops {
		if files[op.Path] {
			errs = append(errs, fmt.Errorf("plan: %s is written twice", op.Path))
		}
		files[op.Path] = true
		errs = append(errs, op.validate())
	}
	for _, op := range p.Ops {
		for dir := path.Dir(op.Path); dir != "."; dir = path.Dir(dir) {
			if files[dir] {
				errs = append(errs, fmt.Errorf("plan: %s is both a file and the directory of %s", dir, op.Path))
			}
		}
	}
	return errors.Join(errs...)
}

func (op Op) validate() error {
	switch {
	case !fs.ValidPath(op.Path) || op.Path == "." || strings.ContainsAny(op.Path, "\\:\x00"):
		return fmt.Errorf("plan: %q is not a path inside the target", op.Path)
	case op.Mode != op.Mode.Perm() || op.Mode&0o400 == 0:
		return fmt.Errorf("plan: %s: mode %v is not a readable file's permission", op.Path, op.Mode)
	case op.Action != Create && op.Action != Overwrite && op.Action != Delete:
		return fmt.Errorf("plan: %s: unknown action %q", op.Path, op.Action)
	case op.Action == Delete && len(op.Content)+len(op.Holes) > 0:
		return fmt.Errorf("plan: %s: delete with content", op.Path)
	case (op.Action != Create) != (op.Prior != nil):
		return fmt.Errorf("plan: %s: %s with prior state %v", op.Path, op.Action, op.Prior)
	}
	if !slices.IsSortedFunc(op.Holes, func(a, b Hole) int { return a.Offset - b.Offset }) {
		return fmt.Errorf("plan: %s: holes out of order", op.Path)
	}
	for _, h := range op.Holes {
		if h.Offset < 0 || h.Offset > len(op.Content) {
			return fmt.Errorf("plan: %s: hole for %s at byte %d of %d", op.Path, h.Secret, h.Offset, len(op.Content))
		}
	}
	return nil
}
