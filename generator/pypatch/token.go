package pypatch

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

type kind int

const (
	word    kind = iota // an identifier or a keyword
	number              // which nobody looks at
	str                 // a string with its prefix and quotes, also one with expressions in it
	op                  // an operator or a bracket
	newline             // the end of a logical line
)

// A token is a piece of source.
type token struct {
	kind       kind
	start, end int
}

// A syntaxError says where source is not Python.
type syntaxError struct {
	offset int
	reason string
}

func (e syntaxError) Error() string { return e.reason }

// A lexer takes source apart. It knows the lexical grammar of Python 3.14 and nothing of statements.
type lexer struct {
	src    []byte
	at     int
	open   []byte // brackets that are not closed
	tokens []token
}

// lex returns the tokens of source without comments and blank lines. The error is a syntaxError.
func lex(src []byte) (tokens []token, err error) {
	l := lexer{src: src, at: len(src) - len(bytes.TrimPrefix(src, []byte("\ufeff")))}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case syntaxError:
			err = r
		default:
			panic(r)
		}
	}()
	for l.at < len(l.src) {
		l.next()
	}
	if len(l.open) > 0 {
		l.fail(len(src), "a bracket is not closed")
	}
	l.endLine(len(src))
	return l.tokens, nil
}

func (l *lexer) fail(offset int, reason string) { panic(syntaxError{min(offset, len(l.src)), reason}) }

// next takes one token, or what is between two.
func (l *lexer) next() {
	switch c := l.src[l.at]; {
	case c == ' ' || c == '\t' || c == '\f':
		l.at++
	case c == '#':
		l.at = l.lineEnd(l.at)
	case c == '\n' || c == '\r':
		l.newline()
	case c == '\\':
		l.continuation()
	case isLetter(c):
		l.word()
	case c == '"' || c == '\'':
		l.add(str, l.text(l.at, ""))
	case isDigit(c) || c == '.' && l.at+1 < len(l.src) && isDigit(l.src[l.at+1]):
		l.number()
	default:
		l.operator()
	}
}

func (l *lexer) add(k kind, end int) {
	l.tokens = append(l.tokens, token{k, l.at, end})
	l.at = end
}

// lineEnd returns where the line of an offset ends, before its newline.
func (l *lexer) lineEnd(at int) int {
	if n := bytes.IndexAny(l.src[at:], "\r\n"); n >= 0 {
		return at + n
	}
	return len(l.src)
}

func (l *lexer) newline() {
	at := l.at
	l.at += l.newlineAt(at)
	if len(l.open) == 0 {
		l.endLine(at)
	}
}

// newlineAt returns how long the newline at an offset is; 0 where there is none. A carriage return alone is one for
// Python, and for no diff.
func (l *lexer) newlineAt(at int) int {
	switch {
	case at < len(l.src) && l.src[at] == '\n':
		return 1
	case bytes.HasPrefix(l.src[at:], []byte("\r\n")):
		return 2
	case at < len(l.src) && l.src[at] == '\r':
		l.fail(at, "a line ends in a carriage return alone")
	}
	return 0
}

// endLine ends a logical line that is not blank.
func (l *lexer) endLine(at int) {
	if n := len(l.tokens); n > 0 && l.tokens[n-1].kind != newline {
		l.tokens = append(l.tokens, token{newline, at, at})
	}
}

// continuation joins a line with the next one.
func (l *lexer) continuation() {
	n := l.newlineAt(l.at + 1)
	if n == 0 {
		l.fail(l.at, "a backslash is not at the end of its line")
	}
	l.at += 1 + n
}

func (l *lexer) word() {
	end := l.at
	for end < len(l.src) && (isLetter(l.src[end]) || isDigit(l.src[end])) {
		end++
	}
	if prefix := string(l.src[l.at:end]); end < len(l.src) && (l.src[end] == '"' || l.src[end] == '\'') && isPrefix(prefix) {
		l.add(str, l.text(end, strings.ToLower(prefix)))
		return
	}
	if !utf8.Valid(l.src[l.at:end]) {
		l.fail(l.at, "a name is not UTF-8")
	}
	l.add(word, end)
}

// isPrefix says whether a word may stand before the quotes of a string.
func isPrefix(s string) bool {
	return slices.Contains([]string{"r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"}, strings.ToLower(s))
}

func (l *lexer) number() {
	end := l.at
	hex := bytes.EqualFold(l.src[end:min(end+2, len(l.src))], []byte("0x"))
	for end < len(l.src) {
		c := l.src[end]
		signed := !hex && (c == '+' || c == '-') && (l.src[end-1] == 'e' || l.src[end-1] == 'E')
		if !isLetter(c) && !isDigit(c) && c != '.' && !(signed && end > l.at) {
			break
		}
		end++
	}
	l.add(number, end)
}

func (l *lexer) operator() {
	rest := l.src[l.at:]
	for _, long := range []string{
		"**=", "//=", ">>=", "<<=", "...",
		"==", "!=", "<=", ">=", "->", ":=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "**", "//", "<<", ">>",
	} {
		if bytes.HasPrefix(rest, []byte(long)) {
			l.add(op, l.at+len(long))
			return
		}
	}
	switch c := rest[0]; {
	case strings.IndexByte("([{", c) >= 0:
		l.open = append(l.open, c)
	case strings.IndexByte(")]}", c) >= 0:
		if n := len(l.open); n == 0 || l.open[n-1] != opening(c) {
			l.fail(l.at, fmt.Sprintf("%c closes no bracket", c))
		}
		l.open = l.open[:len(l.open)-1]
	case strings.IndexByte("+-*/%@&|^~<>=.,:;", c) < 0:
		l.fail(l.at, "a character is not of Python")
	}
	l.add(op, l.at+1)
}

func opening(closing byte) byte { return "([{"[strings.IndexByte(")]}", closing)] }

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
