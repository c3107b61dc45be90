package contract

import (
	"strings"
)

// challenge is one challenge of a WWW-Authenticate header (RFC 9110 section 11.6.1). Parameter names are
// in lower case.
type challenge struct {
	scheme string
	params map[string]string
}

// challenges parses every challenge in the values of WWW-Authenticate. Text that is not a challenge ends
// the parsing of its value.
func challenges(values []string) []challenge {
	var found []challenge
	for _, value := range values {
		rest := value
		for {
			rest = strings.TrimLeft(rest, " \t,")
			word, after := cutToken(rest)
			if word == "" {
				break
			}
			if name, text, remaining, ok := cutParam(rest); ok && len(found) > 0 {
				found[len(found)-1].params[strings.ToLower(name)] = text
				rest = remaining
				continue
			}
			found = append(found, challenge{scheme: word, params: map[string]string{}})
			rest = after
		}
	}
	return found
}

// cutParam splits name=value off the front of text, where value is a token or a quoted string.
func cutParam(text string) (name, value, rest string, ok bool) {
	name, rest = cutToken(text)
	rest = strings.TrimLeft(rest, " \t")
	if name == "" || !strings.HasPrefix(rest, "=") {
		return "", "", text, false
	}
	rest = strings.TrimLeft(rest[1:], " \t")
	if !strings.HasPrefix(rest, `"`) {
		value, rest = cutToken(rest)
		return name, value, rest, true
	}
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '"':
			return name, b.String(), rest[i+1:], true
		case '\\':
			i++
			if i < len(rest) {
				b.WriteByte(rest[i])
			}
		default:
			b.WriteByte(rest[i])
		}
	}
	return "", "", text, false
}

// cutToken splits an RFC 9110 token off the front of text.
func cutToken(text string) (token, rest string) {
	const separators = "\"(),/:;<=>?@[\\]{} \t"
	end := strings.IndexFunc(text, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune(separators, c)
	})
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// bearerChallenge returns the parameters of the only challenge, which must be Bearer: clients read the
// first one and nothing else.
func (e exchange) bearerChallenge() (map[string]string, bool) {
	found := challenges(e.header.Values("WWW-Authenticate"))
	if len(found) != 1 || !strings.EqualFold(found[0].scheme, "Bearer") {
		return nil, false
	}
	return found[0].params, true
}
