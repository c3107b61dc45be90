package contract_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	errRefused     = errors.New("refused")
	errUnavailable = errors.New("unavailable")
)

// identity is a verified caller.
type identity struct {
	subject, client, organization string
	scopes                        []string
}

// verify checks a token as C7 demands.
func (s *reference) verify(token string) (*identity, error) {
	if len(token) > limits.Token && !s.is("token-size") {
		return nil, errRefused
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errRefused
	}
	var decoded [3][]byte
	for i, part := range parts {
		decode := base64.RawURLEncoding.Strict()
		if s.is("token-lenient-base64") {
			decode = base64.RawURLEncoding
		}
		var err error
		if decoded[i], err = decode.DecodeString(part); err != nil {
			return nil, errRefused
		}
	}
	header, err := s.object(decoded[0])
	if err != nil {
		return nil, errRefused
	}
	claims, err := s.object(decoded[1])
	if err != nil {
		return nil, errRefused
	}
	if err := s.checkSignature(token, parts[0]+"."+parts[1], header, decoded[2]); err != nil {
		return nil, err
	}
	return s.checkClaims(claims)
}

func (s *reference) checkSignature(token, input string, header map[string]json.RawMessage, signature []byte) error {
	algorithm, kid := text(header["alg"]), text(header["kid"])
	if s.is("token-alg-none") && strings.EqualFold(algorithm, "none") {
		return nil
	}
	if algorithm != "RS256" || kid == "" {
		return errRefused
	}
	if !s.is("token-ignores-crit") {
		for _, name := range []string{"crit", "jwk", "jku", "x5c", "x5u"} {
			if header[name] != nil {
				return errRefused
			}
		}
	}
	key, err := s.keys.lookup(kid, token)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(input))
	if s.is("token-signature") {
		return nil
	}
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return errRefused
	}
	return nil
}

func (s *reference) checkClaims(claims map[string]json.RawMessage) (*identity, error) {
	const leeway = 30
	now := float64(time.Now().Unix())
	exp, expOK := number(claims["exp"])
	nbf, nbfOK := number(claims["nbf"])
	iat, iatOK := number(claims["iat"])
	issuer, subject := text(claims["iss"]), text(claims["sub"])
	audience, audienceOK := list(claims["aud"])
	scopes, scopesOK := s.scopes(claims)
	switch {
	case !expOK && !(s.is("token-no-exp") && claims["exp"] == nil):
		return nil, errRefused
	case expOK && exp <= now-leeway && !s.is("token-expired"):
		return nil, errRefused
	case claims["nbf"] != nil && (!nbfOK || nbf > now+leeway) && !s.is("token-nbf"):
		return nil, errRefused
	case claims["iat"] != nil && (!iatOK || iat > now+leeway):
		return nil, errRefused
	case !s.knownIssuer(issuer):
		return nil, errRefused
	case !audienceOK || !slices.ContainsFunc(audience, s.isMe):
		return nil, errRefused
	case subject == "" && !s.is("token-no-subject"):
		return nil, errRefused
	case !scopesOK:
		return nil, errRefused
	case s.is("good-aud-string") && bytes.HasPrefix(claims["aud"], []byte(`"`)):
		return nil, errRefused
	}
	return &identity{subject, text(claims["client_id"]), text(claims["oid"]), scopes}, nil
}

func (s *reference) knownIssuer(issuer string) bool {
	switch {
	case s.is("token-any-issuer"):
		return true
	case s.is("token-issuer-prefix"):
		return strings.HasPrefix(issuer, s.issuers[0])
	case s.is("good-env-only"):
		return issuer == s.issuers[0]
	case s.is("good-resource-only"):
		return issuer == s.issuers[1]
	}
	return slices.Contains(s.issuers, issuer)
}

func (s *reference) isMe(audience string) bool {
	switch {
	case s.is("token-any-audience"):
		return true
	case s.is("token-audience-prefix"):
		return slices.ContainsFunc(s.audience, func(a string) bool { return strings.HasPrefix(audience, a) })
	case s.is("good-aud-url-only"):
		return slices.Contains(s.audience[1:], audience)
	case s.is("good-aud-exact-slash"):
		return audience == s.audience[0] || audience == s.url
	}
	return slices.Contains(s.audience, audience)
}

func (s *reference) scopes(claims map[string]json.RawMessage) ([]string, bool) {
	var scope string
	var scopes []string
	if raw := claims["scope"]; raw != nil && json.Unmarshal(raw, &scope) != nil {
		return nil, false
	}
	if raw := claims["scopes"]; raw != nil && json.Unmarshal(raw, &scopes) != nil {
		return nil, false
	}
	switch {
	case s.is("scope-only"):
		return strings.Fields(scope), true
	case s.is("scopes-only"):
		return scopes, true
	case s.is("scope-else-scopes") && scope != "":
		return strings.Fields(scope), true
	}
	return append(strings.Fields(scope), scopes...), true
}

// object parses one JSON object with distinct names and nothing around it.
func (s *reference) object(data []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(data) {
		return nil, errRefused
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errRefused
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		key := fmt.Sprint(name)
		if s.is("token-case") {
			key = strings.ToLower(key)
		}
		if _, twice := members[key]; twice && !s.is("token-duplicates") {
			return nil, errRefused
		}
		members[key] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF && !s.is("token-trailing") {
		return nil, errRefused
	}
	return members, nil
}

func text(raw json.RawMessage) string {
	var value *string
	if json.Unmarshal(raw, &value) != nil || value == nil {
		return ""
	}
	return *value
}

func number(raw json.RawMessage) (float64, bool) {
	var value *float64
	if json.Unmarshal(raw, &value) != nil || value == nil {
		return 0, false
	}
	return *value, true
}

func list(raw json.RawMessage) ([]string, bool) {
	if one := text(raw); one != "" {
		return []string{one}, true
	}
	var pointers []*string
	if json.Unmarshal(raw, &pointers) != nil || slices.Contains(pointers, nil) {
		return nil, false
	}
	var values []string
	for _, p := range pointers {
		values = append(values, *p)
	}
	return values, true
}
