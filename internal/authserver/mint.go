package authserver

import (
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Claims replace or extend the claims of a good token. A nil value leaves the claim out.
type Claims = map[string]any

// Identity of a token that names no other.
const (
	DefaultSubject      = "usr_70000000000000002"
	DefaultClientID     = "m2m_70000000000000003"
	DefaultOrganization = "org_70000000000000004"
)

// Mint signs an access token as Scalekit issues it, with claims laid over the defaults: iss in the form
// in use, aud with the Server URL and the resource id, sub, client_id, oid, jti, iat, nbf and exp. No
// scope is granted unless claims hold scope, scopes or both.
func (s *Server) Mint(claims Claims) (string, error) {
	key := s.keys.signer()
	private, err := key.generate()
	if err != nil {
		return "", fmt.Errorf("generating the signing key: %w", err)
	}
	payload, err := json.Marshal(s.claims(claims))
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	signed, err := signRSA(private, crypto.SHA256, goodHeader(key.id), string(payload))
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed, nil
}

// goodHeader is the JOSE header of a good token.
func goodHeader(kid string) string {
	return encodeJSON(Claims{"alg": "RS256", "kid": kid, "typ": "JWT"})
}

// claims lays changes over the claims of a good token.
func (s *Server) claims(changes Claims) Claims {
	now := time.Now()
	claims := Claims{
		"iss":       s.issuerInUse(),
		"aud":       s.audience(),
		"sub":       DefaultSubject,
		"client_id": DefaultClientID,
		"oid":       DefaultOrganization,
		"jti":       "tkn_" + rand.Text(),
		"iat":       now.Unix(),
		"nbf":       now.Unix(),
		"exp":       now.Add(s.opts.Lifetime).Unix(),
	}
	for name, value := range changes {
		if value == nil {
			delete(claims, name)
			continue
		}
		claims[name] = value
	}
	return claims
}

func (s *Server) audience() []string {
	if s.opts.ServerURL == "" {
		return []string{s.ResourceID()}
	}
	return []string{s.opts.ServerURL, s.ResourceID()}
}

// ErrUnknownKind is returned for a kind of bad token that does not exist.
var ErrUnknownKind = errors.New("no such kind of bad token")

// BadKinds names every kind of bad token, in a stable order.
func (s *Server) BadKinds() []string {
	names := make([]string, 0, 128)
	for _, kind := range badKinds() {
		names = append(names, kind.name)
	}
	return names
}

// Why says in one sentence why a server must refuse this kind of token, empty for an unknown kind.
func (s *Server) Why(kind string) string {
	for _, k := range badKinds() {
		if k.name == kind {
			return k.why
		}
	}
	return ""
}

// Bad forges a token of this kind. Apart from the one defect it is a good token, so that a server which
// accepts it has missed exactly that defect.
func (s *Server) Bad(kind string) (string, error) {
	for _, k := range badKinds() {
		if k.name != kind {
			continue
		}
		forge, err := s.newForge()
		if err != nil {
			return "", fmt.Errorf("forging a token of kind %q: %w", kind, err)
		}
		token, err := k.make(forge)
		if err != nil {
			return "", fmt.Errorf("forging a token of kind %q: %w", kind, err)
		}
		return token, nil
	}
	return "", fmt.Errorf("forging a token of kind %q: %w", kind, ErrUnknownKind)
}
