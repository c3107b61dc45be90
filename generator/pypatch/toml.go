package pypatch

import (
	"bytes"
	"strings"
)

// A pair is a key of a TOML document with its value, as it is written.
type pair struct {
	table      string
	key        string
	start, end int // of the value
}

// tomlPairs returns the pairs of a document, in order. What it does not understand it leaves out: whether the document is one
// is for others to say.
func tomlPairs(src []byte) []pair {
	var pairs []pair
	table := ""
	for at := 0; at < len(src); {
		end := tomlLine(src, at)
		line := src[at:end]
		trimmed := bytes.TrimSpace(line)
		switch equals := bytes.IndexByte(line, '='); {
		case bytes.HasPrefix(trimmed, []byte("#")):
		case bytes.HasPrefix(trimmed, []byte("[")):
			name, _, _ := strings.Cut(string(trimmed), "#")
			table = strings.Trim(name, "[] \t")
		case equals > 0:
			value := bytes.TrimLeft(line[equals+1:], " \t")
			pairs = append(pairs, pair{table, strings.Trim(string(bytes.TrimSpace(line[:equals])), `"'`), end - len(value), end})
		}
		at = end
	}
	return pairs
}

// tomlLine returns the end of the line that begins at an offset, with what its brackets and long strings go on to.
func tomlLine(src []byte, at int) int {
	for depth := 0; at < len(src); {
		switch c := src[at]; c {
		case '"', '\'':
			at = tomlString(src, at)
			continue
		case '#':
			for at < len(src) && src[at] != '\n' {
				at++
			}
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '\n':
			if depth <= 0 {
				return at + 1
			}
		}
		at++
	}
	return len(src)
}

// tomlString returns the offset behind the string that begins at one.
func tomlString(src []byte, at int) int {
	quote, basic := src[at:at+1], src[at] == '"'
	if triple := bytes.Repeat(quote, 3); bytes.HasPrefix(src[at:], triple) {
		quote = triple
	}
	for at += len(quote); at < len(src); at++ {
		switch {
		case bytes.HasPrefix(src[at:], quote):
			return at + len(quote)
		case src[at] == '\\' && basic:
			at++
		case src[at] == '\n' && len(quote) == 1:
			return at
		}
	}
	return len(src)
}

// tomlStrings returns the offsets, without quotes, of the strings in a part of a document.
func tomlStrings(src []byte, start, end int) [][2]int {
	var found [][2]int
	for at := start; at < end; {
		switch src[at] {
		case '"', '\'':
			next := tomlString(src, at)
			found = append(found, [2]int{at + 1, max(next-1, at+1)})
			at = next
		case '#':
			for at < end && src[at] != '\n' {
				at++
			}
		default:
			at++
		}
	}
	return found
}
