package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	for name, into := range map[string]any{
		"iss":       &c.Issuer,
		"sub":       &c.Subject,
		"client_id": &c.clientID,
		"oid":       &c.orgID,
		"org_id":    &orgID, // older name of oid
		"scope":     &scope,
	} {
		if err := decode(fields, name, into); err != nil {
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
		for _, s := range scopes {
			if !slices.Contains(c.scopes, s) {
				c.scopes = append(c.scopes, s)
			}
		}
	}
	if c.Audience, err = audience(fields["aud"]); err != nil {
		return err
	}
	for name, into := range map[string]**jwt.NumericDate{"exp": &c.ExpiresAt, "nbf": &c.NotBefore, "iat": &c.IssuedAt} {
		if *into, err = numericDate(fields, name); err != nil {
			return err
		}
	}
	return nil
}

// members splits a JSON object. encoding/json alone takes the last of two members with one name.
func members(data []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(data) { // encoding/json would replace what is not
		return nil, errors.New("not UTF-8")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil || fields == nil {
		return nil, errors.New("not a JSON object")
	}
	if countMembers(data) != len(fields) {
		return nil, errors.New("a member stands twice")
	}
	return fields, nil
}

// countMembers counts the members of a valid JSON object, which are its colons outside of strings and of inner values.
func countMembers(object []byte) int {
	count, depth, quoted := 0, 0, false
	for i := 0; i < len(object); i++ {
		switch c := object[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ':' && depth == 1:
			count++
		}
	}
	return count
}

func decode(fields map[string]json.RawMessage, name string, into any) error {
	value, ok := fields[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(value, into); err != nil || string(value) == "null" {
		return fmt.Errorf("%s has the wrong type", name)
	}
	return nil
}

// audience decodes a string or an array of strings (RFC 7519 section 4.1.3).
func audience(value json.RawMessage) ([]string, error) {
	if bytes.HasPrefix(value, []byte(`"`)) {
		value = slices.Concat([]byte("["), value, []byte("]"))
	}
	return stringArray("aud", value)
}

// stringArray decodes an array that holds nothing but strings. encoding/json alone takes null for an empty one.
func stringArray(name string, value json.RawMessage) ([]string, error) {
	var list []*string
	if err := json.Unmarshal(value, &list); err != nil || list == nil || slices.Contains(list, nil) {
		return nil, fmt.Errorf("%s has the wrong type", name)
	}
	values := make([]string, len(list))
	for i, s := range list {
		values[i] = *s
	}
	return values, nil
}

func numericDate(fields map[string]json.RawMessage, name string) (*jwt.NumericDate, error) {
	if _, ok := fields[name]; !ok {
		return nil, nil
	}
	var seconds float64
	if err := decode(fields, name, &seconds); err != nil {
		return nil, err
	}
	if seconds < 0 || seconds > 1<<40 {
		return nil, fmt.Errorf("%s is out of range", name)
	}
	return jwt.NewNumericDate(time.Unix(int64(seconds), 0)), nil
}
