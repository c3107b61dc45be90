package generator

import (
	"strconv"
	"strings"

	"github.com/mcpauth/mcpauth/internal/config"
)

// goView is what the templates of Go stacks see.
type goView struct {
	view

	Module     string
	YAMLModule string

	GoName       string
	GoPath       string
	GoScopes     []string
	GoScopeClaim string // the scopes as the claim scope has them
}

func newGoView(common view, c config.Config) goView {
	return goView{
		view:         common,
		Module:       c.Module,
		YAMLModule:   quote(c.Module),
		GoName:       strconv.Quote(c.Name),
		GoPath:       strconv.Quote(c.MCPPath),
		GoScopes:     each(strconv.Quote, c.Scopes),
		GoScopeClaim: strconv.Quote(strings.Join(c.Scopes, " ")),
	}
}
