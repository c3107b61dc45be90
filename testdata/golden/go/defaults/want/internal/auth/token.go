// Package auth decides who may call this server: it verifies access tokens, answers with the
// challenges of RFC 6750 and RFC 9728, and holds tools to their scopes.
package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	times     *jwt.Validator
	verified  *cache
}

// NewVerifier accepts tokens signed by keys, with one of issuers as iss and one of audiences in aud.
func NewVerifier(keys *Keys, issuers, audiences []string) *Verifier {
	return &Verifier{
		issuers:   issuers,
		audiences: audiences,
		keys:      keys,
		times:     jwt.NewValidator(jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway)),
		verified:  newCache(),
	}
}

// Verify returns the caller that the token names. The error is ErrInvalid or ErrUnavailable, with a reason
// that holds neither the token nor a claim.
func (v *Verifier) Verify(ctx context.Context, token string) (*Caller, error) {
	if len(token) > maxToken {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, maxToken)
	}
	keySet := v.keys.fetched.Load()
	if caller := v.verified.get(token, keySet); caller != nil {
		return caller, nil
	}
	caller, err := v.verify(ctx, token)
	if err != nil {
		return nil, err
	}
	v.verified.put(token, caller, keySet)
	return caller, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (*Caller, error) {
	t, err := parse(token)
	if err != nil {
		return nil, err
	}
	if err := v.check(&t.claims); err != nil {
		return nil, err
	}
	key, err := v.keys.lookup(ctx, t.kid)
	if errors.Is(err, errKeysUnavailable) {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: unknown key", ErrInvalid)
	}
	if err := jwt.SigningMethodRS256.Verify(t.signed, t.signature, key); err != nil {
		return nil, fmt.Errorf("%w: bad signature or algorithm", ErrInvalid)
	}
	return &Caller{
		Subject:      t.claims.Subject,
		ClientID:     t.claims.clientID,
		Organization: t.claims.orgID,
		Scopes:       t.claims.scopes,
		Expires:      t.claims.ExpiresAt.Time,
	}, nil
}

// check refuses a token that is not meant for this server, or not for now. It runs before the key is looked up, so
// that a foreign token costs no fetch.
func (v *Verifier) check(c *claims) error {
	switch {
	case !slices.Contains(v.issuers, c.Issuer):
		return fmt.Errorf("%w: foreign issuer", ErrInvalid)
	case !slices.ContainsFunc(c.Audience, func(aud string) bool { return slices.Contains(v.audiences, aud) }):
		return fmt.Errorf("%w: foreign audience", ErrInvalid)
	case c.Subject == "":
		return fmt.Errorf("%w: no subject", ErrInvalid)
	}
	if err := v.times.Validate(c); err != nil {
		return fmt.Errorf("%w: %s", ErrInvalid, untimely(err))
	}
	return nil
}

// untimely says in fixed words what the JWT library, whose own may quote the token, found wrong with the times of one.
func untimely(err error) string {
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return "expired"
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return "not valid yet"
	case errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return "issued in the future"
	}
	return "no expiry"
}
