package oauth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// Client is one that is registered beforehand, as in Scalekit's dashboard.
type Client struct {
	// ID is m2m_ and a number. Secret is what it authenticates with; a client without one is public.
	ID     string
	Secret string
	// Name is shown on the consent page.
	Name string
	// RedirectURIs are where people may be sent back to. A client without any has no people: it uses the
	// client credentials grant, and no other.
	RedirectURIs []string
	// Scopes are those it may be granted. Nil means all of the resource's.
	Scopes []string
}

// Registration is a client as the provider knows it, and as it is kept in a state file.
type Registration struct {
	ID   string `json:"client_id"`
	Name string `json:"client_name,omitempty"`
	// SecretHash is the SHA-256 hash of the secret, base64url. Empty for a public client.
	SecretHash   string   `json:"client_secret_hash,omitempty"`
	RedirectURIs []string `json:"redirect_uris,omitempty"`
	// Scopes are those it may be granted. Nil means all.
	Scopes   []string  `json:"scopes,omitempty"`
	IssuedAt time.Time `json:"issued_at"`
}

// public reports whether the client has no secret to authenticate with.
func (r Registration) public() bool { return r.SecretHash == "" }

// machine reports whether the client acts for itself and not for people.
func (r Registration) machine() bool { return len(r.RedirectURIs) == 0 }

// allows reports whether people may be sent back to this URI.
func (r Registration) allows(redirectURI string) bool {
	return slices.ContainsFunc(r.RedirectURIs, func(registered string) bool {
		return sameRedirect(registered, redirectURI)
	})
}

// knows reports whether this is the client's secret.
func (r Registration) knows(secret string) bool {
	return !r.public() && subtle.ConstantTimeCompare([]byte(hash(secret)), []byte(r.SecretHash)) == 1
}

// hash is what is kept of a secret, code or refresh token. They have 128 random bits and more, so a hash
// without salt cannot be searched.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// newClientID makes an id of the shape that Scalekit gives to clients: m2m_ and 17 digits.
func newClientID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return fmt.Sprintf("m2m_%017d", binary.BigEndian.Uint64(b[:])%100_000_000_000_000_000)
}

// clients are those that were registered, beforehand or by themselves.
type clients struct {
	given      map[string]Registration
	registered *shelf[Registration]
}

func newClients(given []Client, now func() time.Time) *clients {
	c := &clients{given: map[string]Registration{}, registered: newShelf[Registration](maxClients, 0, now)}
	for _, client := range given {
		registration := Registration{
			ID: client.ID, Name: client.Name, RedirectURIs: client.RedirectURIs, Scopes: client.Scopes, IssuedAt: now(),
		}
		if client.Secret != "" {
			registration.SecretHash = hash(client.Secret)
		}
		c.given[client.ID] = registration
	}
	return c
}

func (c *clients) find(id string) (Registration, bool) {
	if registration, found := c.given[id]; found {
		return registration, true
	}
	return c.registered.get(id)
}

// isGiven reports whether the person who runs the server has registered the client.
func (c *clients) isGiven(id string) bool {
	_, found := c.given[id]
	return found
}
