package tspatch

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind says what a token is. Comments are none.
type kind int

const (
	word     kind = iota // a name or a keyword
	text                 // a string
	template             // a template with all that is in it
	pattern              // a regular expression
	number
	mark // an operator or a bracket
)

// A token is a piece of source, from start up to end.
type token struct {
	kind       kind
	start, end int
	fresh      bool // it is the first of its line
	// pair is the index of the other bracket; -1 for what is none.
	pair int
	// within is the index of the bracket around the token; -1 outside of all.
	within int
}

// A syntaxError says why source could not be read.
type syntaxError struct {
	at     int
	reason string
}

func (e syntaxError) Error() string { return e.reason }

// A source is a file as tokens.
type source struct {
	text   string
	tokens []token
}

// is says whether the token at i is one of the texts; no token is outside of the file.
func (s *source) is(i int, texts ...string) bool {
	if i < 0 || i >= len(s.tokens) || s.tokens[i].kind != word && s.tokens[i].kind != mark {
		return false
	}
	for _, t := range texts {
		if s.at(i) == t {
			return true
		}
	}
	return false
}

func (s *source) at(i int) string { return s.text[s.tokens[i].start:s.tokens[i].end] }

func (s *source) isKind(i int, k kind) bool {
	return i >= 0 && i < len(s.tokens) && s.tokens[i].kind == k
}

// A scanner turns text into tokens.
type scanner struct {
	source
	pos   int
	fresh bool
	open  []int // indexes of the brackets around pos
}

// scan reads a file of JavaScript or TypeScript without JSX. It knows no grammar: what it cannot tell apart is an error.
func scan(src string) (*source, error) {
	s := &scanner{source: source{text: src}, fresh: true}
	s.pos = len(src) - len(strings.TrimPrefix(src, "\ufeff"))
	if strings.HasPrefix(src[s.pos:], "#!") {
		s.skipLine()
	}
	if err := s.until(""); err != nil {
		return nil, err
	}
	return &s.source, nil
}

// until scans up to the end of the file, or to the closing bracket that nothing before it opens.
func (s *scanner) until(closing string) error {
	base := len(s.open)
	for {
		if err := s.skipSpace(); err != nil {
			return err
		}
		if s.pos == len(s.text) {
			break
		}
		if closing != "" && len(s.open) == base && strings.HasPrefix(s.text[s.pos:], closing) {
			return nil
		}
		if err := s.next(); err != nil {
			return err
		}
	}
	if len(s.open) > 0 {
		at := s.tokens[s.open[len(s.open)-1]].start
		return syntaxError{at, fmt.Sprintf("%q is never closed", s.text[at:at+1])}
	}
	if closing != "" {
		return syntaxError{s.pos, "the file ends within a template"}
	}
	return nil
}

// skipSpace skips what is between tokens, and notes where a line begins.
func (s *scanner) skipSpace() error {
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case strings.HasPrefix(rest, "//"):
			s.skipLine()
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return syntaxError{s.pos, "a comment is never closed"}
			}
			s.fresh = s.fresh || strings.ContainsAny(rest[:end+2], lineEnds)
			s.pos += end + 4
		case strings.ContainsRune(lineEnds, r):
			s.fresh = true
			s.pos += size
		case unicode.IsSpace(r) || r == '\ufeff':
			s.pos += size
		default:
			return nil
		}
	}
	return nil
}

// lineEnds are the line terminators of ECMAScript (section 12.3).
const lineEnds = "\n\r\u2028\u2029"

func (s *scanner) skipLine() {
	if n := strings.IndexAny(s.text[s.pos:], lineEnds); n >= 0 {
		s.pos += n
	} else {
		s.pos = len(s.text)
	}
}

// next scans one token.
func (s *scanner) next() error {
	rest := s.text[s.pos:]
	r, _ := utf8.DecodeRuneInString(rest)
	switch {
	case r == '"' || r == '\'':
		return s.quoted(rest[0])
	case r == '`':
		return s.templated()
	case r == '/' && s.expectsOperand():
		return s.regular()
	case isNameStart(r):
		s.add(word, nameLength(rest))
	case r >= '0' && r <= '9' || r == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		s.add(number, numberLength(rest))
	case strings.ContainsRune("([{", r):
		s.add(mark, 1)
		s.open = append(s.open, len(s.tokens)-1)
	case strings.ContainsRune(")]}", r):
		return s.closeBracket()
	case r < utf8.RuneSelf && unicode.IsPrint(r):
		s.add(mark, markLength(rest))
	default:
		return syntaxError{s.pos, fmt.Sprintf("%q is not expected here", r)}
	}
	return nil
}

// add adds the token of the next n bytes.
func (s *scanner) add(k kind, n int) {
	t := token{kind: k, start: s.pos, end: s.pos + n, fresh: s.fresh, pair: -1, within: -1}
	if len(s.open) > 0 {
		t.within = s.open[len(s.open)-1]
	}
	s.tokens = append(s.tokens, t)
	s.pos += n
	s.fresh = false
}

func (s *scanner) closeBracket() error {
	closes := s.text[s.pos : s.pos+1]
	if len(s.open) == 0 || strings.Index("([{", s.at(s.open[len(s.open)-1])) != strings.Index(")]}", closes) {
		return syntaxError{s.pos, fmt.Sprintf("%q closes nothing", closes)}
	}
	opened := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	s.add(mark, 1)
	s.tokens[opened].pair, s.tokens[len(s.tokens)-1].pair = len(s.tokens)-1, opened
	return nil
}

func isNameStart(r rune) bool {
	return r == '_' || r == '$' || r == '#' || r == '\\' || unicode.IsLetter(r)
}

func nameLength(s string) int {
	_, first := utf8.DecodeRuneInString(s)
	n := strings.IndexFunc(s[first:], func(r rune) bool {
		return r == '#' || !isNameStart(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '\u200c' && r != '\u200d'
	})
	if n < 0 {
		return len(s)
	}
	return first + n
}

func numberLength(s string) int {
	for i := 1; i < len(s); i++ {
		c := s[i]
		digit := c == '.' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		signed := (c == '+' || c == '-') && (s[i-1] == 'e' || s[i-1] == 'E') && !strings.HasPrefix(s, "0x") && !strings.HasPrefix(s, "0X")
		if !digit && !signed {
			return i
		}
	}
	return len(s)
}

// markLength is that of an operator. Only those are taken as one whose parts would mean something else here.
func markLength(s string) int {
	for _, long := range []string{"...", "=>", "?.", "==", "!=", "<=", ">=", "++", "--", "&&", "||", "??"} {
		if strings.HasPrefix(s, long) {
			return len(long)
		}
	}
	return 1
}
