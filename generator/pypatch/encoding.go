package pypatch

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
)

// encoding returns the encoding that a file declares in its first two lines (PEP 263), in small letters and digits alone, and
// where; empty where it declares none.
func encoding(t script.Text) (name string, at int) {
	declared := regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)`)
	start := 0
	for range 2 {
		line := bytes.TrimPrefix(t.Src[start:t.LineEnd(start)], []byte(script.BOM))
		if found := declared.FindSubmatch(line); found != nil {
			return strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(string(found[1]))), start
		}
		if start = t.LineEnd(start); start == len(t.Src) {
			break
		}
	}
	return "", 0
}
