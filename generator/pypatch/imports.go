package pypatch

import "strings"

// An imported is a name that an import statement gives something.
type imported struct {
	module    string // with the dots of a relative one in front
	name      string // in the module; empty for the module itself, * for all its names
	as        string // the name here
	statement int
}

// imports returns what the file imports, wherever.
func (s *source) imports() []imported {
	var list []imported
	for i, st := range s.statements {
		switch {
		case st.header:
		case s.is(st.tokens, 0, "import"):
			for _, part := range s.split(st.tokens[1:]) {
				list = append(list, s.module(part, i))
			}
		case s.is(st.tokens, 0, "from"):
			list = append(list, s.from(st.tokens[1:], i)...)
		}
	}
	return list
}

// split returns the parts between commas.
func (s *source) split(tokens []token) [][]token {
	var parts [][]token
	for len(tokens) > 0 {
		n := s.find(tokens, ",")
		if n < 0 {
			return append(parts, tokens)
		}
		parts = append(parts, tokens[:n])
		tokens = tokens[n+1:]
	}
	return parts
}

// module reads a.b.c as d. Without as, the name stands for a alone.
func (s *source) module(tokens []token, statement int) imported {
	name, n := s.dotted(tokens)
	as, _, _ := strings.Cut(name, ".")
	if s.is(tokens, n, "as") && n+1 < len(tokens) {
		as = s.text(tokens[n+1])
	}
	return imported{module: name, as: as, statement: statement}
}

// from reads ..a.b import c as d, (e).
func (s *source) from(tokens []token, statement int) []imported {
	module := ""
	for len(tokens) > 0 && tokens[0].kind == op && strings.Trim(s.text(tokens[0]), ".") == "" {
		module += s.text(tokens[0])
		tokens = tokens[1:]
	}
	if !s.is(tokens, 0, "import") {
		name, n := s.dotted(tokens)
		module += name
		tokens = tokens[n:]
	}
	if !s.is(tokens, 0, "import") {
		return nil
	}
	tokens = tokens[1:]
	if s.is(tokens, 0, "(") {
		tokens = tokens[1 : len(tokens)-1]
	}
	var list []imported
	for _, part := range s.split(tokens) {
		if len(part) == 0 {
			continue
		}
		name := s.text(part[0])
		as := name
		if s.is(part, 1, "as") && len(part) > 2 {
			as = s.text(part[2])
		}
		list = append(list, imported{module: module, name: name, as: as, statement: statement})
	}
	return list
}
