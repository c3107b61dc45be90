// Package auth decides who may call this server: it verifies access tokens, answers with the
// challenges of RFC 6750 and RFC 9728, and holds tools to their scopes.
package auth

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	maxToken = 8 << 10 // bytes; a longer one is refused unread
	leeway   = 30 * time.Second
)

// ErrInvalid says that a token is not valid for this server. What is wrong with it is for the log, not for the caller.
var ErrInvalid = errors.New("invalid token")

// ErrUnavailable says that a token could not be checked now.
var ErrUnavailable = errors.New("token cannot be verified now")

// Caller is who sent a request, as its access token says.
type Caller struct {
	Subject      string // user or machine, for example usr_…
	ClientID     string // OAuth client
	Organization string // Scalekit organization; may be empty
	Scopes       []string
	Expires      time.Time
}

// Verifier checks access tokens (RFC 9068, RFC 8725).
type Verifier struct {
	issuers   []string
	audiences []string
	keys      *Keys
	parser    *jwt.Parser
	verified  *cache
}

// NewVerifier accepts tokens signed by keys, with one of issuers as iss and one of audiences in aud.
func NewVerifier(keys *Keys, issuers, audiences []string) *Verifier {
	return &Verifier{
		issuers:   issuers,
		audiences: audiences,
		keys:      keys,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{"RS256"}),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(leeway),
			jwt.WithStrictDecoding(),
		),
		verified: newCache(),
	}
}

// Verify returns the caller that the token names. The error is ErrInvalid or ErrUnavailable, with a reason
// that holds neither the token nor a claim.
func (v *Verifier) Verify(ctx context.Context, token string) (*Caller, error) {
	if len(token) > maxToken {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, maxToken)
	}
	if hit := v.verified.get(token); hit != nil && v.keys.holds(hit.kid, hit.key) {
		return hit.caller, nil
	}
	entry, err := v.verify(ctx, token)
	if err != nil {
		return nil, err
	}
	v.verified.put(token, entry)
	return entry.caller, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (*entry, error) {
	kid, err := keyID(token)
	if err != nil {
		return nil, err
	}
	var c claims
	var key *rsa.PublicKey
	_, err = v.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) {
		if err := v.check(&c); err != nil {
			return nil, err
		}
		key, err = v.keys.lookup(ctx, kid)
		return key, err
	})
	if err != nil {
		return nil, reason(err)
	}
	return &entry{
		kid: kid,
		key: key,
		caller: &Caller{
			Subject:      c.Subject,
			ClientID:     c.clientID,
			Organization: c.orgID,
			Scopes:       c.scopes,
			Expires:      c.ExpiresAt.Time,
		},
	}, nil
}

// check refuses a token that is not meant for this server. It runs before the key is looked up,
// so that a foreign token costs no fetch; the signature is verified after it.
func (v *Verifier) check(c *claims) error {
	switch {
	case !slices.Contains(v.issuers, c.Issuer):
		return errIssuer
	case !slices.ContainsFunc(c.Audience, func(aud string) bool { return slices.Contains(v.audiences, aud) }):
		return errAudience
	case c.Subject == "":
		return errSubject
	}
	return nil
}

// keyID reads kid from the token's header and refuses headers that name a key or an extension of their own.
func keyID(token string) (string, error) {
	segment, _, _ := strings.Cut(token, ".")
	header, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return "", fmt.Errorf("%w: malformed", ErrInvalid)
	}
	fields, err := members(header)
	if err != nil {
		return "", fmt.Errorf("%w: malformed", ErrInvalid)
	}
	for _, name := range []string{"crit", "jwk", "jku", "x5c", "x5u"} {
		if _, ok := fields[name]; ok {
			return "", fmt.Errorf("%w: header with %s", ErrInvalid, name)
		}
	}
	var kid string
	if err := decode(fields, "kid", &kid); err != nil || kid == "" {
		return "", fmt.Errorf("%w: no key id", ErrInvalid)
	}
	return kid, nil
}

var (
	errIssuer   = errors.New("issuer")
	errAudience = errors.New("audience")
	errSubject  = errors.New("subject")
)

// reason turns an error of the JWT library, whose text may quote the token, into a fixed one.
func reason(err error) error {
	if errors.Is(err, errKeysUnavailable) {
		return fmt.Errorf("%w: %w", ErrUnavailable, errKeysUnavailable)
	}
	for _, known := range []struct {
		err  error
		text string
	}{
		{errIssuer, "foreign issuer"},
		{errAudience, "foreign audience"},
		{errSubject, "no subject"},
		{errUnknownKey, "unknown key"},
		{jwt.ErrTokenSignatureInvalid, "bad signature or algorithm"},
		{jwt.ErrTokenExpired, "expired"},
		{jwt.ErrTokenNotValidYet, "not valid yet"},
		{jwt.ErrTokenUsedBeforeIssued, "issued in the future"},
		{jwt.ErrTokenMalformed, "malformed"},
	} {
		if errors.Is(err, known.err) {
			return fmt.Errorf("%w: %s", ErrInvalid, known.text)
		}
	}
	return fmt.Errorf("%w: claims", ErrInvalid)
}
