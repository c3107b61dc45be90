package contract

import (
	"strings"
)

// curl is the command line that repeats the request. Tokens are left out: $TOKEN stands for them.
func (r request) curl() string {
	parts := []string{"curl -si"}
	if r.method != "GET" {
		parts = append(parts, "-X "+r.method)
	}
	for _, f := range r.fields {
		parts = append(parts, "-H "+r.quote(f.name+": "+f.value))
	}
	if len(r.body) > 0 {
		parts = append(parts, "--data-binary "+r.quote(shorten(r.elide(string(r.body)))))
	}
	parts = append(parts, r.quote(r.url))
	line := strings.Join(parts, " ")
	if r.note != "" {
		line += "  # " + r.note
	}
	return line
}

// elide puts $TOKEN in the place of every token, and $SECRET in that of the secret.
func (r request) elide(text string) string {
	if r.secret != "" {
		text = strings.ReplaceAll(text, r.secret, "$SECRET")
	}
	for _, token := range r.tokens {
		if token != "" {
			text = strings.ReplaceAll(text, token, "$TOKEN")
		}
	}
	return text
}

// quote makes one shell word. It is double quoted, so that the shell fills in $TOKEN, only where it has to be.
func (r request) quote(text string) string {
	const printable = 0x20
	text = strings.Map(func(c rune) rune {
		if c < printable && c != '\n' {
			return '�'
		}
		return c
	}, r.elide(text))
	if !strings.Contains(text, "$TOKEN") && !strings.Contains(text, "$SECRET") {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	replacer := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", "$TOKEN", "$TOKEN", "$SECRET", "$SECRET", "$", `\$`)
	return `"` + replacer.Replace(text) + `"`
}
