package tspatch

import (
	"slices"
	"strings"
)

func (s *scanner) quoted(quote byte) error {
	for i := s.pos + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == quote:
			s.add(text, i+1-s.pos)
			return nil
		case c == '\\' && strings.HasPrefix(s.text[i:], "\\\r\n"):
			i += 2
		case c == '\\':
			i++
		case c == '\n' || c == '\r':
			return syntaxError{s.pos, "a string is not closed on its line"}
		}
	}
	return syntaxError{s.pos, "a string is never closed"}
}

// templated scans a template, and what is between ${ and } in it as a file of its own: nothing there is looked at.
func (s *scanner) templated() error {
	for i := s.pos + 1; i < len(s.text); i++ {
		switch {
		case s.text[i] == '`':
			s.add(template, i+1-s.pos)
			return nil
		case s.text[i] == '\\':
			i++
		case strings.HasPrefix(s.text[i:], "${"):
			inner := &scanner{source: source{text: s.text}, pos: i + 2}
			if err := inner.until("}"); err != nil {
				return err
			}
			i = inner.pos
		}
	}
	return syntaxError{s.pos, "a template is never closed"}
}

func (s *scanner) regular() error {
	class := false
	for i := s.pos + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\\':
			i++
		case c == '\n' || c == '\r':
			return syntaxError{s.pos, "neither a division nor a regular expression can be here"}
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			flags := s.text[i+1:]
			n := strings.IndexFunc(flags, func(r rune) bool { return r < 'a' || r > 'z' })
			if n < 0 {
				n = len(flags)
			}
			s.add(pattern, i+1+n-s.pos)
			return nil
		}
	}
	return syntaxError{s.pos, "a regular expression is never closed"}
}

// expectsOperand says whether a slash after the last token begins a regular expression; otherwise it divides.
func (s *scanner) expectsOperand() bool {
	last := len(s.tokens) - 1
	if last < 0 {
		return true
	}
	switch s.tokens[last].kind {
	case word:
		return isOperator(s.at(last)) && !s.is(last-1, ".", "?.")
	case mark:
	default:
		return false
	}
	switch s.at(last) {
	case ")":
		opened := s.tokens[last].pair
		return s.is(opened-1, "if", "while", "for", "with") && !s.is(opened-2, ".", "?.")
	case "]", "++", "--":
		return false
	case "}":
		return s.isBlock(s.tokens[last].pair)
	case "!": // after an operand it asserts that there is a value
		return !s.endsOperand(last-1) || s.tokens[last-1].end != s.tokens[last].start
	}
	return true
}

// isOperator says whether a word is a keyword before an operand.
func isOperator(word string) bool {
	return slices.Contains([]string{
		"return", "typeof", "case", "in", "of", "delete", "void", "instanceof", "new", "do", "else", "yield", "await", "throw", "default", "extends",
	}, word)
}

func (s *source) endsOperand(i int) bool {
	if i < 0 {
		return false
	}
	switch s.tokens[i].kind {
	case word:
		return !isOperator(s.at(i))
	case mark:
		return s.is(i, ")", "]", "}", "++", "--")
	}
	return true
}

// isBlock says whether the brace at i opens a block of statements or a body; otherwise it opens an object.
func (s *source) isBlock(i int) bool {
	before := i - 1
	switch {
	case before < 0, s.is(before, ")", ";", "{", "}", "=>", "else", "do", "try", "finally"):
		return true
	case s.isKind(before, word):
		return !isOperator(s.at(before))
	}
	return s.is(before, ">", "]") // what a function returns, and what a class extends
}
