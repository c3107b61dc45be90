package textdiff

import (
	"fmt"
	"strings"
)

// quote writes a path as git does with its default core.quotePath: within double quotes, with C's escapes and octal
// numbers for every byte that is not ASCII, if any byte asks for that.
func quote(name string) string {
	var out strings.Builder
	plain := true
	for i := range len(name) {
		c := name[i]
		if escape := strings.IndexByte("\a\b\t\n\v\f\r\"\\", c); escape >= 0 {
			plain = false
			out.WriteByte('\\')
			out.WriteByte(`abtnvfr"\`[escape])
		} else if c < ' ' || c > '~' {
			plain = false
			fmt.Fprintf(&out, `\%03o`, c)
		} else {
			out.WriteByte(c)
		}
	}
	if plain {
		return name
	}
	return `"` + out.String() + `"`
}

// ended marks the end of a name with spaces, which patch programs take for the start of a time stamp.
func ended(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}
