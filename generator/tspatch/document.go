package tspatch

import (
	"fmt"
	"io/fs"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// A document is a file of JSON, with the comments and the commas that TypeScript allows in it.
type document struct {
	script.Text
	*source
}

// readDocument reads a file whose outermost value is an object.
func readDocument(project fs.FS, name string) (document, error) {
	src, err := fs.ReadFile(project, name)
	if err != nil {
		return document{}, fmt.Errorf("reading the program: %w", err)
	}
	d := document{Text: script.Text{Path: name, Src: src}}
	d.source, err = scan(string(src))
	if err != nil || !d.is(0, "{") || d.tokens[0].pair != len(d.tokens)-1 {
		return document{}, &refusal.Refusal{Code: refusal.CodeBuild, Position: name, Reason: name + " is no JSON object"}
	}
	return d, nil
}

// value returns the token with which the value at a path of keys begins; -1 where there is none.
func (d document) value(keys ...string) int {
	object := 0
	for i, key := range keys {
		m, ok := d.member(object, key)
		if !ok {
			return -1
		}
		if object = m.value; i < len(keys)-1 && !d.is(object, "{") {
			return -1
		}
	}
	return object
}

// A member of an object, as tokens.
type member struct{ key, value int }

func (d document) member(object int, key string) (member, bool) {
	for _, m := range d.members(object) {
		if d.unquoted(m.key) == key {
			return m, true
		}
	}
	return member{}, false
}

// members returns those of the object that begins at a token.
func (d document) members(object int) []member {
	var list []member
	for i := object + 1; i+2 < d.tokens[object].pair; i++ {
		list = append(list, member{i, i + 2})
		for i += 2; i < d.tokens[object].pair && !d.is(i, ","); i++ {
			if d.is(i, "{", "[") {
				i = d.tokens[i].pair
			}
		}
	}
	return list
}
