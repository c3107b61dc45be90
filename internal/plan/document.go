package plan

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// DocumentSchema is the version of the JSON form. It changes when a reader of the old one would be misled.
const DocumentSchema = "mcpauth.plan/v1"

// A Document is a plan in its JSON form. Like the plan it holds no secret, and nothing from which one could be guessed.
type Document struct {
	Schema string       `json:"schema"`
	Target string       `json:"target"`
	Ops    []DocumentOp `json:"ops"`
	Notes  []string     `json:"notes"`
}

// A DocumentOp is an operation in its JSON form.
type DocumentOp struct {
	Action  Action   `json:"action"`
	Path    string   `json:"path"`
	Mode    string   `json:"mode"` // octal, for example "0644"
	Size    int      `json:"size"` // in bytes, without the secrets
	Digest  string   `json:"digest,omitempty"`
	Reason  string   `json:"reason"`
	Secrets []string `json:"secrets"` // names of those that are inserted; such a file has no digest

	// Content is the whole file without its secrets; nil when it was not asked for.
	Content *string `json:"content,omitempty"`
	// Encoding is "base64" when Content is that, because the file is not UTF-8, and otherwise empty.
	Encoding string `json:"encoding,omitempty"`
}

// NewDocument returns the plan's JSON form without the files' contents. Target is shown as given.
func NewDocument(target string, p Plan) Document {
	d := Document{Schema: DocumentSchema, Target: target, Ops: make([]DocumentOp, len(p.Ops)), Notes: append([]string{}, p.Notes...)}
	for i, op := range p.Ops {
		d.Ops[i] = op.document()
	}
	return d
}

// NewFullDocument returns the plan's JSON form with the files' contents.
func NewFullDocument(target string, p Plan) Document {
	d := NewDocument(target, p)
	for i, op := range p.Ops {
		content := string(op.Content)
		if !utf8.Valid(op.Content) {
			content, d.Ops[i].Encoding = base64.StdEncoding.EncodeToString(op.Content), "base64"
		}
		d.Ops[i].Content = &content
	}
	return d
}

func (op Op) document() DocumentOp {
	d := DocumentOp{
		Action:  op.Action,
		Path:    op.Path,
		Mode:    fmt.Sprintf("%04o", op.Mode.Perm()),
		Size:    len(op.Content),
		Reason:  op.Reason,
		Secrets: op.SecretNames(),
	}
	if len(op.Holes) == 0 && op.Action != Delete {
		d.Digest = Sum(op.Content).String()
	}
	return d
}

// SecretNames returns the name of each secret that the operation inserts, once, in the order of the holes.
func (op Op) SecretNames() []string {
	names := []string{}
	seen := make(map[string]bool)
	for _, h := range op.Holes {
		if !seen[h.Secret] {
			names = append(names, h.Secret)
		}
		seen[h.Secret] = true
	}
	return names
}

// Encode returns the document as indented JSON with a final newline. Characters that are special only in HTML stay as they are.
func (d Document) Encode() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("encoding the plan: %w", err)
	}
	return out.Bytes(), nil
}
