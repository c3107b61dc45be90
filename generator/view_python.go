package generator

import "github.com/mcpauth/mcpauth/internal/config"

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
		PyName:   literal(c.Name),
		PyPath:   literal(c.MCPPath),
		PyScopes: each(literal, c.Scopes),
	}
}
