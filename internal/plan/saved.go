package plan

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"unicode/utf8"

	"github.com/mcpauth/mcpauth/internal/edit"
)

// SavedSchema is the version of the form in which a plan waits to be carried out.
const SavedSchema = "mcpauth.saved-plan/v1"

// A Saved plan is one that another run carries out exactly as it is, or not at all. Like the plan it holds no secret.
type Saved struct {
	Schema   string    `json:"schema"`
	Mcpauth  string    `json:"mcpauth"`         // version that made it
	Template int       `json:"template"`        // version of the templates
	Module   string    `json:"module"`          // path of the Go module that it is for; empty for a program whose entry is a file
	Entry    string    `json:"entry,omitempty"` // that file, relative to its project
	Requires []string  `json:"requires"`        // what go.mod requires when the plan is carried out, path@version
	Seen     []State   `json:"seen"`            // what the plan was made from and proved with
	Ops      []SavedOp `json:"ops"`
	Notes    []string  `json:"notes"`
	Digest   string    `json:"digest"` // of the JSON form with this field empty
}

// A State is a file as it was when the plan was made.
type State struct {
	Path   string `json:"path"`
	Digest string `json:"digest"` // empty where there was no file
}

// A SavedOp is an operation. A replaced file is given by its edits, a new one by its content.
type SavedOp struct {
	Action Action      `json:"action"`
	Path   string      `json:"path"`
	Mode   string      `json:"mode"` // octal, for example "0644"
	Reason string      `json:"reason"`
	Prior  string      `json:"prior,omitempty"`  // digest of the file that is replaced or deleted
	Digest string      `json:"digest,omitempty"` // of the file that is written
	Edits  []edit.Edit `json:"edits,omitempty"`

	Content  string `json:"content,omitempty"`
	Encoding string `json:"encoding,omitempty"` // "base64" when Content is that, because the file is not UTF-8
}

// Save returns the plan for a file. What it replaces is read from old. A plan that needs secrets cannot be saved.
func Save(old fs.FS, p Plan) (Saved, error) {
	s := Saved{Schema: SavedSchema, Requires: []string{}, Seen: []State{}, Ops: []SavedOp{}, Notes: append([]string{}, p.Notes...)}
	for _, op := range p.Ops {
		saved, err := op.saved(old)
		if err != nil {
			return Saved{}, fmt.Errorf("saving the plan for %s: %w", op.Path, err)
		}
		s.Ops = append(s.Ops, saved)
	}
	return s, p.Validate()
}

func (op Op) saved(old fs.FS) (SavedOp, error) {
	s := SavedOp{Action: op.Action, Path: op.Path, Mode: fmt.Sprintf("%04o", op.Mode.Perm()), Reason: op.Reason}
	if len(op.Holes) > 0 {
		return s, errors.New("it needs a secret, which is in no plan")
	}
	if op.Prior != nil {
		s.Prior = op.Prior.String()
	}
	switch op.Action {
	case Overwrite:
		before, err := fs.ReadFile(old, op.Path)
		if err != nil {
			return s, err
		}
		s.Edits = edit.Between(before, op.Content)
	case Create:
		s.Content = string(op.Content)
		if !utf8.Valid(op.Content) {
			s.Content, s.Encoding = base64.StdEncoding.EncodeToString(op.Content), "base64"
		}
	}
	if op.Action != Delete {
		s.Digest = Sum(op.Content).String()
	}
	return s, nil
}

// Encode returns the saved plan as indented JSON with its digest.
func (s Saved) Encode() ([]byte, error) {
	s.Digest = ""
	plain, err := s.encode()
	if err != nil {
		return nil, err
	}
	s.Digest = Sum(plain).String()
	return s.encode()
}

func (s Saved) encode() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("encoding the plan: %w", err)
	}
	return out.Bytes(), nil
}
