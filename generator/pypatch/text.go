package pypatch

import (
	"bytes"
	"strings"
)

// A quoted is a string that is being read: its quotes, and what its prefix means.
type quoted struct {
	quotes         []byte // one or three
	raw, formatted bool   // formatted ones hold expressions: PEP 498, PEP 701, PEP 750
}

// text returns the end of the string whose quotes begin at an offset.
func (l *lexer) text(at int, prefix string) int {
	q := quoted{quotes: l.src[at : at+1], raw: strings.Contains(prefix, "r"), formatted: strings.ContainsAny(prefix, "ft")}
	if triple := bytes.Repeat(q.quotes, 3); bytes.HasPrefix(l.src[at:], triple) {
		q.quotes = triple
	}
	start := at
	for at += len(q.quotes); at < len(l.src); {
		switch c := l.src[at]; {
		case bytes.HasPrefix(l.src[at:], q.quotes):
			return at + len(q.quotes)
		case c == '\\':
			at = l.escape(at, q)
		case q.formatted && bytes.HasPrefix(l.src[at:], []byte("{{")):
			at += len("{{")
		case q.formatted && c == '{':
			at = l.field(at+1, q)
		case l.newlineAt(at) > 0 && len(q.quotes) == 1:
			l.fail(start, "a string is not closed on its line")
		default:
			at++
		}
	}
	l.fail(start, "a string is not closed")
	return 0
}

// escape returns the offset behind a backslash and what it is for. In formatted strings it is for no brace, but in \N{NAME}.
func (l *lexer) escape(at int, q quoted) int {
	next := at + 1
	switch {
	case next >= len(l.src):
		return next
	case l.newlineAt(next) > 0:
		return next + l.newlineAt(next)
	case q.formatted && !q.raw && bytes.HasPrefix(l.src[next:], []byte("N{")):
		if n := bytes.IndexByte(l.src[next:], '}'); n >= 0 {
			return next + n + 1
		}
	case q.formatted && (l.src[next] == '{' || l.src[next] == '}'):
		return next
	}
	return next + 1
}

// field returns the offset behind the expression in braces that begins at an offset of a formatted string.
func (l *lexer) field(at int, q quoted) int {
	start := at
	for depth := 0; at < len(l.src); {
		switch c := l.src[at]; {
		case c == '}' && depth == 0:
			return at + 1
		case c == ':' && depth == 0:
			return l.spec(at+1, q)
		case strings.IndexByte("([{", c) >= 0:
			depth++
			at++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
			at++
		case c == '#':
			at = l.lineEnd(at)
		case c == '"' || c == '\'':
			at = l.text(at, "")
		case isLetter(c):
			at = l.fieldWord(at)
		default:
			at++
		}
	}
	l.fail(start, "an expression in a string is not closed")
	return 0
}

// fieldWord returns the end of a word in an expression, or of the string that it is the prefix of.
func (l *lexer) fieldWord(at int) int {
	end := at
	for end < len(l.src) && (isLetter(l.src[end]) || isDigit(l.src[end])) {
		end++
	}
	if prefix := string(l.src[at:end]); end < len(l.src) && (l.src[end] == '"' || l.src[end] == '\'') && isPrefix(prefix) {
		return l.text(end, strings.ToLower(prefix))
	}
	return end
}

// spec returns the offset behind the format of an expression, which may hold further ones.
func (l *lexer) spec(at int, q quoted) int {
	start := at
	for at < len(l.src) {
		switch c := l.src[at]; {
		case c == '}':
			return at + 1
		case c == '{':
			at = l.field(at+1, q)
		case bytes.HasPrefix(l.src[at:], q.quotes), l.newlineAt(at) > 0 && len(q.quotes) == 1:
			l.fail(start, "the format in a string is not closed")
		default:
			at++
		}
	}
	l.fail(start, "the format in a string is not closed")
	return 0
}
