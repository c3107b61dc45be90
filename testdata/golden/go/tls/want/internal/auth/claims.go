package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// claims are the claims of an access token that this server reads. Unlike a struct with JSON tags they
// are matched by exact name, must be of the right type, and may stand only once.
type claims struct {
	jwt.RegisteredClaims
	clientID string
	orgID    string
	scopes   []string
}

func (c *claims) parse(data []byte) error {
	fields, err := members(data)
	if err != nil {
		return err
	}
	var scope, orgID string
	for _, claim := range []struct {
		name string
		into *string
	}{
		{"iss", &c.Issuer},
		{"sub", &c.Subject},
		{"client_id", &c.clientID},
		{"oid", &c.orgID},
		{"org_id", &orgID}, // older name of oid
		{"scope", &scope},
	} {
		if *claim.into, err = text(fields, claim.name); err != nil {
			return err
		}
	}
	if c.orgID == "" {
		c.orgID = orgID
	}
	// Scalekit puts scopes into the string, the array, or both.
	c.scopes = strings.Fields(scope)
	if value, ok := fields["scopes"]; ok {
		scopes, err := stringArray("scopes", value)
		if err != nil {
			return err
		}
		c.scopes = union(c.scopes, scopes)
	}
	if c.Audience, err = audience(fields["aud"]); err != nil {
		return err
	}
	for _, claim := range []struct {
		name string
		into **jwt.NumericDate
	}{{"exp", &c.ExpiresAt}, {"nbf", &c.NotBefore}, {"iat", &c.IssuedAt}} {
		if *claim.into, err = numericDate(fields, claim.name); err != nil {
			return err
		}
	}
	return nil
}

// union takes time in proportion to the scopes: nothing of the token is verified yet, and anybody may have written it.
func union(a, b []string) []string {
	seen := make(map[string]bool, len(a)+len(b))
	return slices.DeleteFunc(slices.Concat(a, b), func(s string) bool {
		twice := seen[s]
		seen[s] = true
		return twice
	})
}

const space = " \t\r\n" // between JSON values

// members splits a JSON object into its members' names and JSON values. encoding/json alone takes the last of
// two members with one name.
func members(data []byte) (map[string]string, error) {
	object := strings.Trim(string(data), space)
	if !utf8.Valid(data) || !json.Valid(data) || object[0] != '{' {
		return nil, errors.New("not a JSON object")
	}
	fields := make(map[string]string)
	for rest := strings.TrimLeft(object[1:], space); rest[0] != '}'; {
		name, after := cutValue(rest)
		value, after := cutValue(after[len(":"):])
		key, err := unquote(name)
		if err != nil {
			return nil, err
		}
		if _, twice := fields[key]; twice {
			return nil, errors.New("a member stands twice")
		}
		fields[key] = value
		rest = strings.TrimLeft(strings.TrimPrefix(after, ","), space)
	}
	return fields, nil
}

// cutValue cuts the first value off valid JSON. The rest begins with what stands behind it: a colon, a comma or a bracket.
func cutValue(s string) (value, rest string) {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && strings.IndexByte(":,}]", c) >= 0:
			return strings.Trim(s[:i], space), s[i:]
		case c == '}' || c == ']':
			depth--
		}
	}
	return strings.Trim(s, space), ""
}

// unquote returns the string that a JSON value is.
func unquote(value string) (s string, err error) {
	switch {
	case value[0] != '"':
		return "", errors.New("not a string")
	case strings.Contains(value, `\`):
		err = json.Unmarshal([]byte(value), &s)
		return s, err
	}
	return value[1 : len(value)-1], nil
}

// text returns the string named name, empty if there is none.
func text(fields map[string]string, name string) (string, error) {
	value, ok := fields[name]
	if !ok {
		return "", nil
	}
	s, err := unquote(value)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// audience decodes a string or an array of strings (RFC 7519 section 4.1.3).
func audience(value string) ([]string, error) {
	if strings.HasPrefix(value, `"`) {
		value = "[" + value + "]"
	}
	return stringArray("aud", value)
}

// stringArray decodes an array that holds nothing but strings.
func stringArray(name, value string) ([]string, error) {
	if !strings.HasPrefix(value, "[") {
		return nil, fmt.Errorf("%s: not an array", name)
	}
	var list []string
	for rest := strings.TrimLeft(value[1:], space); rest[0] != ']'; {
		item, after := cutValue(rest)
		s, err := unquote(item)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, s)
		rest = strings.TrimPrefix(after, ",")
	}
	return list, nil
}

// numericDate decodes a number of seconds (RFC 7519 section 2); nil if there is none.
func numericDate(fields map[string]string, name string) (*jwt.NumericDate, error) {
	value, ok := fields[name]
	if !ok {
		return nil, nil
	}
	if value[0] != '-' && (value[0] < '0' || value[0] > '9') {
		return nil, fmt.Errorf("%s: not a number", name)
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return nil, fmt.Errorf("%s: out of range", name)
	}
	return jwt.NewNumericDate(time.Unix(int64(seconds), 0)), nil
}
