package auth

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// A jws is a signed token in its compact form (RFC 7515 section 7.1), taken apart. Nothing of it is verified yet.
type jws struct {
	kid       string
	claims    claims
	signed    string // what the signature covers
	signature []byte
}

// parse takes a token apart. It accepts what an RS256 access token may look like, and nothing else (RFC 8725 section 3.1).
func parse(token string) (*jws, error) {
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: malformed", ErrInvalid)
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, fmt.Errorf("%w: malformed", ErrInvalid)
		}
	}
	kid, err := keyID(decoded[0])
	if err != nil {
		return nil, err
	}
	t := &jws{kid: kid, signed: token[:len(parts[0])+1+len(parts[1])], signature: decoded[2]}
	if err := t.claims.parse(decoded[1]); err != nil {
		return nil, fmt.Errorf("%w: malformed claims", ErrInvalid)
	}
	return t, nil
}

// keyID reads kid from the token's header. It refuses other algorithms than RS256, and headers
// that name a key or an extension of their own.
func keyID(header []byte) (string, error) {
	fields, err := members(header)
	if err != nil {
		return "", fmt.Errorf("%w: malformed", ErrInvalid)
	}
	for _, name := range []string{"crit", "jwk", "jku", "x5c", "x5u"} {
		if _, ok := fields[name]; ok {
			return "", fmt.Errorf("%w: header with %s", ErrInvalid, name)
		}
	}
	if alg, err := text(fields, "alg"); err != nil || alg != "RS256" {
		return "", fmt.Errorf("%w: bad signature or algorithm", ErrInvalid)
	}
	kid, err := text(fields, "kid")
	if err != nil || kid == "" {
		return "", fmt.Errorf("%w: no key id", ErrInvalid)
	}
	return kid, nil
}
