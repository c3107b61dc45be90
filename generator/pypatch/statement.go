package pypatch

import (
	"slices"

	"github.com/mcpauth/mcpauth/generator/script"
)

// A source is a file, taken apart into statements.
type source struct {
	script.Text
	statements []statement
}

// A statement is a simple one, or the header of a compound one up to its colon.
type statement struct {
	tokens []token
	header bool
	inline bool // it does not begin its logical line
	more   bool // another one follows on its logical line
	end    int  // offset of the end of its logical line, before comment and newline
	parent int  // index of the header in whose block it is; -1 in the module's
}

// parse takes a file apart. The error is a syntaxError.
func parse(path string, content []byte) (*source, error) {
	tokens, err := lex(content)
	if err != nil {
		return nil, err
	}
	s := &source{Text: script.Text{Path: path, Src: content}}
	for len(tokens) > 0 {
		end := slices.IndexFunc(tokens, func(t token) bool { return t.kind == newline })
		s.logicalLine(tokens[:end])
		tokens = tokens[end+1:]
	}
	s.nest()
	return s, nil
}

// logicalLine adds the statements of one line.
func (s *source) logicalLine(tokens []token) {
	first, end := len(s.statements), tokens[len(tokens)-1].end
	if n := s.headerLength(tokens); n > 0 {
		s.statements = append(s.statements, statement{tokens: tokens[:n], header: true, end: end})
		tokens = tokens[n:]
	}
	for len(tokens) > 0 {
		n := s.find(tokens, ";")
		if n < 0 {
			n = len(tokens)
		}
		if n > 0 {
			s.statements = append(s.statements, statement{tokens: tokens[:n], end: end})
		}
		tokens = tokens[min(n+1, len(tokens)):]
	}
	for i := first; i < len(s.statements); i++ {
		s.statements[i].inline = i > first
		s.statements[i].more = i+1 < len(s.statements)
	}
}

// text returns the source of a token.
func (s *source) text(t token) string { return string(s.Src[t.start:t.end]) }

// is says whether the token at a place is that word or operator.
func (s *source) is(tokens []token, at int, text string) bool {
	return at >= 0 && at < len(tokens) && tokens[at].kind != str && s.text(tokens[at]) == text
}

// find returns the place of an operator outside of brackets, -1 where there is none.
func (s *source) find(tokens []token, operator string) int {
	depth := 0
	for i := range tokens {
		switch {
		case depth == 0 && s.is(tokens, i, operator):
			return i
		case s.opens(tokens[i]):
			depth++
		case s.closes(tokens[i]):
			depth--
		}
	}
	return -1
}

func (s *source) opens(t token) bool {
	return t.kind == op && slices.Contains([]byte("([{"), s.Src[t.start])
}
func (s *source) closes(t token) bool {
	return t.kind == op && slices.Contains([]byte(")]}"), s.Src[t.start])
}

// closing returns the place of the bracket that closes the one at a place.
func (s *source) closing(tokens []token, at int) int {
	depth := 0
	for i := at; i < len(tokens); i++ {
		if s.opens(tokens[i]) {
			depth++
		}
		if s.closes(tokens[i]) {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(tokens) - 1
}

// headerLength returns how many tokens the header of a compound statement has, 0 for a simple statement.
func (s *source) headerLength(tokens []token) int {
	hard := []string{"if", "elif", "else", "while", "for", "try", "except", "finally", "with", "def", "class", "async"}
	first := s.text(tokens[0])
	if !slices.Contains(hard, first) && !s.softHeader(tokens) {
		return 0
	}
	lambdas := 0 // whose colon is still to come
	for i, depth := 1, 0; i < len(tokens); i++ {
		switch {
		case s.opens(tokens[i]):
			depth++
		case s.closes(tokens[i]):
			depth--
		case depth > 0:
		case s.is(tokens, i, "lambda"):
			lambdas++
		case s.is(tokens, i, ":") && lambdas > 0:
			lambdas--
		case s.is(tokens, i, ":"):
			return i + 1
		}
	}
	return 0
}

// softHeader says whether a line begins with match or case as keywords: they are names, too.
func (s *source) softHeader(tokens []token) bool {
	if !s.is(tokens, 0, "match") && !s.is(tokens, 0, "case") || len(tokens) < 3 {
		return false
	}
	next := tokens[1]
	return next.kind != op || s.opens(next) || slices.Contains([]string{"-", "+", "*", "~", "..."}, s.text(next))
}

// nest finds the block of each statement.
func (s *source) nest() {
	type block struct{ column, header int }
	var open []block
	for i := range s.statements {
		st := &s.statements[i]
		if st.inline {
			st.parent = s.before(i)
			continue
		}
		column := s.column(st.tokens[0].start)
		for len(open) > 0 && open[len(open)-1].column >= column {
			open = open[:len(open)-1]
		}
		st.parent = -1
		if len(open) > 0 {
			st.parent = open[len(open)-1].header
		}
		if st.header {
			open = append(open, block{column, i})
		}
	}
}

// before returns the block of a statement that does not begin its line.
func (s *source) before(i int) int {
	if previous := s.statements[i-1]; !previous.header {
		return previous.parent
	}
	return i - 1
}

// column is where the line of an offset begins to have text, with tabs as Python counts them.
func (s *source) column(offset int) int {
	column := 0
	for _, c := range []byte(s.Indent(offset)) {
		switch c {
		case '\t':
			column += 8 - column%8
		case '\f':
			column = 0
		default:
			column++
		}
	}
	return column
}

// scope returns the index of the function or class in which a statement is; -1 for the module.
func (s *source) scope(i int) int {
	for i = s.statements[i].parent; i >= 0; i = s.statements[i].parent {
		first := s.statements[i].tokens
		if s.is(first, 0, "def") || s.is(first, 0, "class") || s.is(first, 0, "async") && s.is(first, 1, "def") {
			return i
		}
	}
	return -1
}

// top says whether a statement is one of the module's own block, and begins its line.
func (s *source) top(i int) bool { return s.statements[i].parent < 0 && !s.statements[i].inline }

// start is the offset of a statement.
func (st statement) start() int { return st.tokens[0].start }

// last is the offset of the end of a statement.
func (st statement) last() int { return st.tokens[len(st.tokens)-1].end }

// dotted returns a name with dots that the tokens begin with, without spaces, and how many tokens it has.
func (s *source) dotted(tokens []token) (name string, n int) {
	for n < len(tokens) && tokens[n].kind == word {
		name += s.text(tokens[n])
		n++
		if !s.is(tokens, n, ".") || n+1 >= len(tokens) || tokens[n+1].kind != word {
			break
		}
		name += "."
		n++
	}
	return name, n
}

// words are all names in the file.
func (s *source) words() map[string]bool {
	used := make(map[string]bool)
	for _, st := range s.statements {
		for _, t := range st.tokens {
			if t.kind == word {
				used[s.text(t)] = true
			}
		}
	}
	return used
}
