package generator

import (
	"strings"

	"github.com/mcpauth/mcpauth/internal/config"
)

// pythonView is what the templates of Python stacks see.
type pythonView struct {
	view

	TOMLSlug string

	PyName   string
	PyPath   string
	PyScopes []string
}

func newPythonView(common view, c config.Config) pythonView {
	return pythonView{
		view:     common,
		TOMLSlug: quote(c.Slug()),
		PyName:   pyString(c.Name),
		PyPath:   pyString(c.MCPPath),
		PyScopes: each(pyString, c.Scopes),
	}
}

// pyString returns s as a Python string literal, with the quotes that formatters choose: those which need fewer escapes,
// double ones where that is equal. Package config refuses what is not printable.
func pyString(s string) string {
	quotes := `"`
	if strings.Count(s, `"`) > strings.Count(s, "'") {
		quotes = "'"
	}
	return quotes + strings.NewReplacer(`\`, `\\`, quotes, `\`+quotes).Replace(s) + quotes
}
