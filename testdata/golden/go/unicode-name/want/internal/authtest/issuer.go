// Package authtest is an authorization server for tests. Nothing but tests imports it.
package authtest

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Audience is what the tokens of an Issuer hold as aud: the res_… id of the server under test.
const Audience = "res_1"

// Issuer publishes keys at URL/keys and mints access tokens, as a Scalekit environment does.
// Its keys are named key-1, key-2 and so on.
type Issuer struct {
	URL string

	mu      sync.Mutex
	keys    []int            // numbers of the keys published
	newest  int              // number of the key that signs
	answer  http.HandlerFunc // takes the place of the keys
	fetches []http.Header
}

// New returns an issuer that is not on the network: it is an http.Handler.
func New() *Issuer {
	return &Issuer{URL: "https://env.scalekit.example", keys: []int{1}, newest: 1}
}

// Start returns an issuer that listens on loopback until t ends.
func Start(t testing.TB) *Issuer {
	i := New()
	srv := httptest.NewServer(i)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	i.URL = srv.URL
	return i
}

// Getenv is the environment of a server that is at the URL resource and trusts i.
func (i *Issuer) Getenv(resource, port string) func(string) string {
	metadata, _ := json.Marshal(map[string]any{
		"resource":              resource,
		"authorization_servers": []string{i.URL + "/resources/" + Audience},
	})
	values := map[string]string{
		"PORT":                        port,
		"SK_ENV_URL":                  i.URL,
		"EXPECTED_AUDIENCE":           resource,
		"PROTECTED_RESOURCE_METADATA": string(metadata),
	}
	return func(name string) string { return values[name] }
}

// ServeHTTP answers with the keys.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.fetches = append(i.fetches, r.Header.Clone())
	answer, set := i.answer, []map[string]string{}
	for _, n := range i.keys {
		set = append(set, JWK(keyID(n), &Key(n).PublicKey))
	}
	i.mu.Unlock()
	switch {
	case answer != nil:
		answer(w, r)
	case r.URL.Path == "/keys":
		json.NewEncoder(w).Encode(map[string]any{"keys": set})
	default:
		http.NotFound(w, r)
	}
}

// Fetches returns the headers of all requests so far.
func (i *Issuer) Fetches() []http.Header {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.fetches)
}

// Answer lets h take the place of the keys; nil brings them back.
func (i *Issuer) Answer(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = h
}

// Outage is for Answer: an authorization server that is down.
func Outage(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }

// Hang is for Answer: no answer, until the client gives up.
func Hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// Rotate publishes a further key, which signs from now on.
func (i *Issuer) Rotate() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.newest++
	i.keys = append(i.keys, i.newest)
}

// Withdraw publishes the newest key alone.
func (i *Issuer) Withdraw() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = []int{i.newest}
}

// Header returns the header of a good token with some members replaced; nil leaves one out.
func (i *Issuer) Header(replace map[string]any) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return object(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": keyID(i.newest)}, replace)
}

// Claims returns the claims of a good token, of usr_1 without scopes, with some replaced; nil leaves one out.
func (i *Issuer) Claims(replace map[string]any) string {
	now := time.Now().Unix()
	return object(map[string]any{
		"iss": i.URL, "aud": []string{Audience}, "sub": "usr_1", "client_id": "skc_1", "oid": "org_1",
		"iat": now, "nbf": now, "exp": now + 300, "jti": rand.Text(),
	}, replace)
}

// Mint returns a good access token with some claims replaced; nil leaves one out.
func (i *Issuer) Mint(replace map[string]any) string {
	return i.Sign(i.Header(nil), i.Claims(replace))
}

// Sign returns the JWT of any header and claims, signed with the newest key.
func (i *Issuer) Sign(header, claims string) string {
	i.mu.Lock()
	key := Key(i.newest)
	i.mu.Unlock()
	return Sign(jwt.SigningMethodRS256, key, header, claims)
}
