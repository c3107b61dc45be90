package gopatch

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// A Renaming is a setting of the endpoint that the program has another use for.
type Renaming struct {
	Name, Now string
	Position  string // where the program speaks of Name
}

// renamings returns the settings that get a name of their own. What is required has only one meaning.
func (s *Survey) renamings() []Renaming {
	var found []Renaming
	for _, name := range []string{"ALLOWED_ORIGINS", "MAX_BODY_BYTES"} {
		if pos := s.mentions(name); pos.IsValid() {
			found = append(found, Renaming{name, "MCP_" + name, s.module.Position(pos)})
		}
	}
	return found
}

// setting returns the name that a setting is read by.
func (e Endpoint) setting(name string) string {
	for _, r := range e.Renamed {
		if r.Name == name {
			return r.Now
		}
	}
	return name
}

// mentions returns where the program first has the name of a variable in a string, be it that of a call or a struct's tag.
func (s *Survey) mentions(name string) token.Pos {
	for _, p := range s.module.Packages {
		if own(s.module, p) {
			continue
		}
		for _, file := range p.Syntax {
			first := token.NoPos
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if ok && !first.IsValid() && lit.Kind == token.STRING && slices.Contains(strings.FieldsFunc(lit.Value, notInName), name) {
					first = lit.Pos()
				}
				return !first.IsValid()
			})
			if first.IsValid() {
				return first
			}
		}
	}
	return token.NoPos
}

func notInName(r rune) bool {
	return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}
