package contract

import (
	"strings"
)

// curl is the command line that repeats the request. Tokens are left out: $TOKEN stands for them.
func (r request) curl() string {
	parts := []string{"curl -si"}
	switch r.method {
	case "GET":
	case "HEAD":
		parts[0] = "curl -sI" // with -X HEAD curl waits for a body
	default:
		parts = append(parts, "-X "+r.method)
	}
	for _, f := range r.fields {
		header := f.name + ": " + f.value
		if f.value == "" {
			header = f.name + ";" // with a colon curl leaves the header out
		}
		parts = append(parts, "-H "+r.quote(header))
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
