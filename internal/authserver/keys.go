package authserver

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"sync"
)

// rsaBits is the key size Scalekit uses.
const rsaBits = 2048

// signingKey is one published RS256 key. Generating takes some 100 ms, so it waits until it is needed.
type signingKey struct {
	id       string
	generate func() (*rsa.PrivateKey, error)
}

func generated() func() (*rsa.PrivateKey, error) {
	return sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, rsaBits) })
}

// A Pool lends keys to servers, which sign with the same ones, each under ids of its own. It makes a key when one is
// first needed: a server that is started often, for one test after the other, need not wait for keys each time.
type Pool struct {
	attacker *strangers
	mu       sync.Mutex
	keys     []func() (*rsa.PrivateKey, error)
}

// NewPool returns a pool without keys.
func NewPool() *Pool { return &Pool{attacker: newStrangers()} }

// key is the n-th key of the pool, counted from 0.
func (p *Pool) key(n int) func() (*rsa.PrivateKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.keys) <= n {
		p.keys = append(p.keys, generated())
	}
	return p.keys[n]
}

// newKeyID makes an id of Scalekit's shape: snk_ and 17 digits.
func newKeyID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return fmt.Sprintf("snk_%017d", binary.BigEndian.Uint64(b[:])%100_000_000_000_000_000)
}

// keyring holds the published keys, oldest first, and the one that signs.
type keyring struct {
	mu      sync.Mutex
	keys    []*signingKey
	current *signingKey
	given   []*rsa.PrivateKey // to be used next
	pool    *Pool             // to be used after them
	lent    int               // of the pool
}

func newKeyring(given []*rsa.PrivateKey, pool *Pool) *keyring {
	k := &keyring{given: given, pool: pool}
	k.add()
	return k
}

// add publishes another key and signs with it. The caller holds the lock.
func (k *keyring) add() *signingKey {
	key := &signingKey{newKeyID(), k.next()}
	k.keys = append(k.keys, key)
	k.current = key
	return key
}

func (k *keyring) next() func() (*rsa.PrivateKey, error) {
	if len(k.given) == 0 {
		k.lent++
		return k.pool.key(k.lent - 1)
	}
	next := k.given[0]
	k.given = k.given[1:]
	return func() (*rsa.PrivateKey, error) { return next, nil }
}

func (k *keyring) signer() *signingKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.current
}

func (k *keyring) published() []*signingKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.keys)
}

// Rotate makes a new key the signing one and returns its id. The older keys stay published.
func (s *Server) Rotate() string {
	s.keys.mu.Lock()
	id := s.keys.add().id
	s.keys.mu.Unlock()
	_ = s.saveState() // kept by the state
	return id
}

// Withdraw stops publishing the key with this id and reports whether it was published. A withdrawn key
// still signs when it is the newest, which makes tokens that no server may accept.
func (s *Server) Withdraw(kid string) bool {
	found := s.keys.withdraw(kid)
	_ = s.saveState() // kept by the state
	return found
}

func (k *keyring) withdraw(kid string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := len(k.keys)
	k.keys = slices.DeleteFunc(k.keys, func(key *signingKey) bool { return key.id == kid })
	return len(k.keys) < before
}

// KeyID is the id of the key that signs now.
func (s *Server) KeyID() string { return s.keys.signer().id }

// jsonWebKey is a public RSA signing key as RFC 7517 and RFC 7518 section 6.3 write it.
type jsonWebKey struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

func newJSONWebKey(id string, key *rsa.PublicKey) jsonWebKey {
	return jsonWebKey{
		Type: "RSA", Use: "sig", Algorithm: "RS256", ID: id,
		Modulus:  encodeBytes(key.N.Bytes()),
		Exponent: encodeBytes(big.NewInt(int64(key.E)).Bytes()),
	}
}

// serveKeys answers GET /keys with the JWK Set, newest key first.
func (s *Server) serveKeys(w http.ResponseWriter, _ *http.Request) {
	keys := []jsonWebKey{}
	for _, key := range slices.Backward(s.keys.published()) {
		private, err := key.generate()
		if err != nil {
			http.Error(w, "the signing key could not be generated", http.StatusInternalServerError)
			return
		}
		keys = append(keys, newJSONWebKey(key.id, &private.PublicKey))
	}
	w.Header().Set("Content-Type", "application/json")
	_, err := io.WriteString(w, "{")
	if err == nil {
		err = s.faults.writePadding(w)
	}
	if err == nil {
		fmt.Fprintf(w, `"keys":%s}`, encodeJSON(keys))
	}
}

// encodeBytes is base64url without padding, as JOSE writes everything.
func encodeBytes(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
