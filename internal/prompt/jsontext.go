package prompt

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 64 << 10

var errTooLong = errors.New("longer than 64 KiB")

// wellFormed says where text stops being JSON.
func wellFormed(text string) error {
	var value any
	err := json.Unmarshal([]byte(text), &value)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	line := 1 + strings.Count(text[:max(0, int(syntax.Offset)-1)], "\n")
	return fmt.Errorf("this is not JSON: line %d: %w", line, syntax)
}

// braceCounter follows the braces of a JSON text that comes line by line.
type braceCounter struct {
	depth             int
	inString, escaped bool
}

// add takes the next line and says whether every brace is closed.
func (b *braceCounter) add(line string) bool {
	for i := range len(line) {
		switch c := line[i]; {
		case b.escaped:
			b.escaped = false
		case b.inString:
			b.escaped = c == '\\'
			b.inString = c != '"'
		case c == '"':
			b.inString = true
		case c == '{':
			b.depth++
		case c == '}':
			b.depth--
		}
	}
	return b.depth <= 0
}
