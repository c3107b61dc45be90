package generator

import (
	"strings"

	"github.com/mcpauth/mcpauth/internal/config"
)

// tsView is what the templates of TypeScript stacks see.
type tsView struct {
	view

	JSONPackage string // npm wants lower case

	TSName       string
	TSPath       string
	TSScopes     []string
	TSScopeClaim string // the scopes as the claim scope has them
}

func newTSView(common view, c config.Config) tsView {
	return tsView{
		view:         common,
		JSONPackage:  quote(common.ImageName),
		TSName:       literal(c.Name),
		TSPath:       literal(c.MCPPath),
		TSScopes:     each(literal, c.Scopes),
		TSScopeClaim: literal(strings.Join(c.Scopes, " ")),
	}
}
