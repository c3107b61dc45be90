// Package render turns one template and one view into the bytes of one file.
package render

import (
	"bytes"
	"fmt"
	"go/format"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// Delimiters of actions in templates. The usual ones stand in Go source for other things.
const left, right = "[[", "]]"

// File executes the template text for the file named path. Go files are formatted; one that does not parse
// is an error that names path and line. A template that asks for what view lacks is an error too.
// A text without actions is returned as it is: it was formatted when it was written.
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
	if !strings.HasSuffix(path, ".go") {
		return out.Bytes(), nil
	}
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("rendering %s: the result is not Go: %w", path, err)
	}
	return formatted, nil
}

// allowed are the functions that templates may call. Most of sprig's are left out: among them are
// the clock, the environment, random values and the network.
func allowed() []string { return []string{"join"} }

func funcs() template.FuncMap {
	all := sprig.TxtFuncMap()
	funcs := make(template.FuncMap)
	for _, name := range allowed() {
		funcs[name] = all[name]
	}
	return funcs
}
