package oauth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"time"
)

// grant is what a person has allowed a client to do.
type grant struct {
	ClientID     string   `json:"client_id"`
	Subject      string   `json:"sub"`
	Organization string   `json:"oid,omitempty"`
	Scopes       []string `json:"scopes"`
	Resource     string   `json:"resource"`
}

// code is an authorization code that was handed out.
type code struct {
	grant
	redirectURI string
	challenge   string // S256, base64url
	issued      time.Time
	used        bool
	family      string // the refresh tokens that came from it
}

// Family is a refresh token and all that replaced it: each use makes the next one, and only the newest is
// good (RFC 9700 section 4.14.2).
type Family struct {
	grant
	ID string `json:"id"`
	// Hash is the SHA-256 hash of the newest token, base64url.
	Hash string    `json:"hash"`
	Used time.Time `json:"used"`
}

// grants keeps codes and refresh tokens, of both only hashes. One lock covers both, so that of two requests
// with one code or one refresh token exactly one gets an answer.
type grants struct {
	now func() time.Time

	mu       sync.Mutex
	codes    *shelf[code]
	families *shelf[Family]
}

func newGrants(now func() time.Time) *grants {
	return &grants{
		now:      now,
		codes:    newShelf[code](maxCodes, codeMemory, now),
		families: newShelf[Family](maxFamilies, 0, now),
	}
}

// issue hands out a code.
func (g *grants) issue(c code) string {
	value := "code_" + rand.Text()
	c.issued = g.now()
	g.codes.put(hash(value), c)
	return value
}

// exchange is what a client must show to use a code.
type exchange struct {
	clientID    string
	redirectURI string
	verifier    string
	resource    string // empty when it named none
}

// redeem uses a code up, also when the exchange does not fit it. A second use revokes the refresh token that
// the first one gave (RFC 6749 section 4.1.2): one of the two was a thief.
func (g *grants) redeem(value string, e exchange) (granted grant, refresh string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := hash(value)
	c, found := g.codes.get(key)
	switch {
	case !found:
		return grant{}, "", refuse(invalidGrant, "the authorization code is unknown, or was forgotten")
	case c.used:
		g.families.take(c.family)
		return grant{}, "", refuse(invalidGrant, "the authorization code was used before; its refresh token is revoked")
	}
	c.used = true
	err = c.check(e, g.now())
	if err == nil && slices.Contains(c.Scopes, offlineAccess) {
		c.family, refresh = g.begin(c.grant)
	}
	g.codes.update(key, func(kept *code) { *kept = c })
	if err != nil {
		return grant{}, "", err
	}
	return c.grant, refresh, nil
}

// check compares a code with the exchange it is used in.
func (c code) check(e exchange, now time.Time) error {
	sum := sha256.Sum256([]byte(e.verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case now.Sub(c.issued) >= codeLifetime:
		return refuse(invalidGrant, "the authorization code has expired")
	case e.clientID != c.ClientID:
		return refuse(invalidGrant, "the authorization code was issued to another client")
	case e.redirectURI != c.redirectURI:
		return refuse(invalidGrant, "redirect_uri is not the one of the authorization request")
	case subtle.ConstantTimeCompare([]byte(challenge), []byte(c.challenge)) != 1:
		return refuse(invalidGrant, "code_verifier does not fit the code_challenge of the authorization request")
	case e.resource != "" && e.resource != c.Resource:
		return refuse(invalidTarget, "resource is not the one of the authorization request")
	}
	return nil
}

// begin starts a family and returns its id and first token.
func (g *grants) begin(granted grant) (id, token string) {
	family := Family{grant: granted, ID: rand.Text()}
	token = family.next(g.now())
	g.families.put(family.ID, family)
	return family.ID, token
}

// next makes the token that is good from now on. The id of the family in it tells an old token from a made-up
// one; nobody can guess it who never held a token of the family.
func (f *Family) next(now time.Time) string {
	token := "rt_" + f.ID + "_" + rand.Text()
	f.Hash, f.Used = hash(token), now
	return token
}

// rotate uses a refresh token up and returns what it stands for and its successor. A token that was used
// before revokes the family.
func (g *grants) rotate(token, clientID string, check func(grant) error) (granted grant, refresh string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	id, _, _ := strings.Cut(strings.TrimPrefix(token, "rt_"), "_")
	family, found := g.families.get(id)
	switch {
	case !found:
		return grant{}, "", refuse(invalidGrant, "the refresh token is unknown, revoked or forgotten")
	case family.ClientID != clientID:
		return grant{}, "", refuse(invalidGrant, "the refresh token was issued to another client")
	case subtle.ConstantTimeCompare([]byte(hash(token)), []byte(family.Hash)) != 1:
		g.families.take(id)
		return grant{}, "", refuse(invalidGrant, "the refresh token was used before; all that came from it are revoked")
	case g.now().Sub(family.Used) >= refreshLifetime:
		g.families.take(id)
		return grant{}, "", refuse(invalidGrant, "the refresh token has expired")
	}
	if err := check(family.grant); err != nil {
		return grant{}, "", err
	}
	g.families.update(id, func(kept *Family) { refresh = kept.next(g.now()) })
	return family.grant, refresh, nil
}
