// Package render turns one template and one view into the bytes of one file.
package render

import (
	"bytes"
	"fmt"
	"strings"
	"text/template"
)

// Delimiters of actions in templates. The usual ones stand in Go source for other things.
const left, right = "[[", "]]"

// File executes the template text for the file named path. A template that asks for what view lacks is an error.
//
// Go files are not formatted here, which would take longer than all the rest of a run. Templates are
// written so that what they give is formatted whatever the view holds, and tests of package generator hold them to that.
func File(path, text string, view any) ([]byte, error) {
	if !strings.Contains(text, left) {
		return []byte(text), nil
	}
	t, err := template.New(path).Delims(left, right).Option("missingkey=error").Funcs(funcs()).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("parsing the template: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, view); err != nil {
		return nil, fmt.Errorf("rendering: %w", err)
	}
	return out.Bytes(), nil
}

// funcs are the functions that templates may call. They are those of sprig, by name and arguments; sprig itself is
// not linked, see docs/decisions/0001.
func funcs() template.FuncMap {
	return template.FuncMap{
		"join": func(sep string, list []string) string { return strings.Join(list, sep) },
	}
}
