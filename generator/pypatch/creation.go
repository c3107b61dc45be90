package pypatch

import (
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// A creation is a statement in which an application is created.
type creation struct {
	script.Site
	target    string // what is given the application, as a.b
	arguments []token
	blocked   *refusal.Refusal // why nothing can be put behind it; nil where it can
}

// creations returns the statements that create applications: what FastAPI is called here, or a class here that extends it.
func (s *source) creations() []creation {
	names := s.callees()
	names = append(names, s.subclasses(names)...)
	var list []creation
	for i, st := range s.statements {
		at := s.calls(st.tokens, names)
		if at < 0 {
			continue
		}
		c := creation{Site: script.Site{Position: s.Position(st.start()), Text: script.OneLine(s.Src[st.start():st.last()]), Index: i}}
		c.target, c.arguments = s.assigned(st, at)
		if c.target == "" {
			c.blocked = s.unnamed(c, i)
		}
		list = append(list, c)
	}
	return list
}

// callees are the names by which the file calls FastAPI.
func (s *source) callees() []string {
	const fastapi, applications = "fastapi", "fastapi.applications"
	var names []string
	for _, i := range s.imports() {
		switch whole := i.name == ""; {
		case whole && i.module == fastapi, whole && i.as == fastapi && strings.HasPrefix(i.module, fastapi+"."):
			names = append(names, i.as+".FastAPI", i.as+".applications.FastAPI")
		case whole && i.module == applications, i.module == fastapi && i.name == "applications":
			names = append(names, i.as+".FastAPI")
		case (i.module == fastapi || i.module == applications) && i.name == "FastAPI":
			names = append(names, i.as)
		case (i.module == fastapi || i.module == applications) && i.name == "*":
			names = append(names, "FastAPI")
		}
	}
	return names
}

// subclasses are the classes of the file that extend one of the names.
func (s *source) subclasses(names []string) []string {
	var found []string
	for _, st := range s.statements {
		if !st.header || !s.is(st.tokens, 0, "class") || len(st.tokens) < 4 {
			continue
		}
		for _, base := range s.split(st.tokens[3:]) {
			if name, _ := s.dotted(base); slices.Contains(names, name) || slices.Contains(found, name) {
				found = append(found, s.text(st.tokens[1]))
				break
			}
		}
	}
	return found
}

// calls returns the place of the bracket behind the first of the names that is called, -1 where none is.
func (s *source) calls(tokens []token, names []string) int {
	for i := 0; i < len(tokens); i++ {
		if tokens[i].kind != word || s.is(tokens, i-1, ".") || s.is(tokens, i-1, "def") || s.is(tokens, i-1, "class") {
			continue
		}
		if name, n := s.dotted(tokens[i:]); slices.Contains(names, name) && s.is(tokens, i+n, "(") {
			return i + n
		}
	}
	return -1
}

// assigned returns what a statement gives the result of the call whose bracket is at a place, and the arguments; nothing
// where the statement is anything but name = call(…), with an annotation or several names.
func (s *source) assigned(st statement, at int) (target string, arguments []token) {
	if st.header || s.closing(st.tokens, at) != len(st.tokens)-1 {
		return "", nil
	}
	rest := st.tokens
	for {
		n := s.find(rest, "=")
		if n < 0 {
			break
		}
		left := rest[:n]
		if colon := s.find(left, ":"); colon >= 0 {
			left = left[:colon]
		}
		name, length := s.dotted(left)
		if length != len(left) || length == 0 {
			return "", nil
		}
		if target == "" {
			target = name
		}
		rest = rest[n+1:]
	}
	_, length := s.dotted(rest)
	if at != len(st.tokens)-len(rest)+length {
		return "", nil // the call is a part of something
	}
	return target, st.tokens[at+1 : len(st.tokens)-1]
}

// unnamed is the refusal of a statement that gives the application no name.
func (s *source) unnamed(c creation, i int) *refusal.Refusal {
	return &refusal.Refusal{
		Code: refusal.CodeShape, Position: c.Position,
		Reason: "the application is created in the middle of something; give it a name first, and run this again:",
		ByHand: []string{s.Indent(s.statements[i].start()) + "app = FastAPI(…)"},
	}
}

// rebound returns the position of a statement that makes a name of FastAPI mean something else; empty where there is none.
func (s *source) rebound() string {
	names := s.callees()
	for at, st := range s.statements {
		if scope := s.scope(at); scope >= 0 && s.is(s.statements[scope].tokens, 0, "class") {
			continue // a name in a class is looked for nowhere else
		}
		for i, t := range st.tokens {
			if t.kind != word || !slices.Contains(names, s.text(t)) || s.is(st.tokens, i-1, ".") {
				continue
			}
			defines := s.is(st.tokens, i-1, "def") || s.is(st.tokens, i-1, "class")
			if defines || !st.header && i == 0 && s.is(st.tokens, 1, "=") {
				return s.Position(st.start())
			}
		}
	}
	return ""
}
