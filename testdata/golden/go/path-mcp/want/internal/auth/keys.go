package auth

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	refreshEvery = 5 * time.Minute // background refresh: how long a withdrawn key lives
	fetchFloor   = 5 * time.Second // least time between two fetches, whoever asks
	fetchTimeout = 5 * time.Second
	fetchWait    = 2 * time.Second // how long one request waits for a fetch
	maxWaiting   = 128             // requests that wait for one at a time: their tokens are not verified yet
	maxKeySet    = 256 << 10       // bytes
	minModulus   = 2048            // bits, RFC 7518 section 3.3
)

var (
	errUnknownKey      = errors.New("no such key")
	errKeysUnavailable = errors.New("the keys cannot be fetched")
)

// Keys is the authorization server's key set (RFC 7517), held in memory. A lookup of a known key
// never waits; an unknown one causes a fetch, at most one per floor interval. When a fetch fails
// the last good set stays.
type Keys struct {
	url    string
	client *http.Client
	log    *slog.Logger
	floor  time.Duration

	current atomic.Pointer[map[string]*rsa.PublicKey]
	fetched atomic.Uint64 // sets so far, the current one included
	waiting atomic.Int32

	mu      sync.Mutex
	flight  chan struct{} // closed when the fetch under way ends; nil when there is none
	started time.Time     // of the latest fetch
	failed  bool          // the latest fetch that ended
}

// NewKeys returns the key set at url. It is empty until Refresh runs or a key is looked up.
func NewKeys(url string, log *slog.Logger) *Keys {
	k := &Keys{
		url: url,
		client: &http.Client{
			Timeout:       fetchTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		log:    log,
		floor:  fetchFloor,
		failed: true,
	}
	k.current.Store(&map[string]*rsa.PublicKey{})
	return k
}

// Refresh keeps the set fresh until ctx ends: every five minutes, and every floor interval while fetches fail.
func (k *Keys) Refresh(ctx context.Context) {
	for {
		if flight := k.fetch(); flight != nil {
			<-flight
		}
		wait := refreshEvery
		if k.unavailable() {
			wait = k.floor
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// lookup returns the key named kid. The error is errUnknownKey when the authorization server has no such key,
// errKeysUnavailable when that cannot be known now.
func (k *Keys) lookup(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	if key := k.known(kid); key != nil {
		return key, nil
	}
	if flight := k.fetch(); flight != nil {
		defer k.waiting.Add(-1)
		if k.waiting.Add(1) > maxWaiting {
			return nil, errKeysUnavailable
		}
		ctx, cancel := context.WithTimeout(ctx, fetchWait)
		defer cancel()
		select {
		case <-flight:
		case <-ctx.Done():
			return nil, errKeysUnavailable
		}
	}
	if key := k.known(kid); key != nil {
		return key, nil
	}
	if k.unavailable() {
		return nil, errKeysUnavailable
	}
	return nil, errUnknownKey
}

func (k *Keys) known(kid string) *rsa.PublicKey {
	return (*k.current.Load())[kid]
}

func (k *Keys) unavailable() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed
}

// fetch returns the fetch under way, after starting one if the floor permits; nil if it does not.
func (k *Keys) fetch() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.flight != nil || time.Since(k.started) < k.floor {
		return k.flight
	}
	flight := make(chan struct{})
	k.flight, k.started = flight, time.Now()
	go func() {
		set, err := k.download()
		if err != nil {
			k.log.Warn("fetching the keys failed", "url", k.url, "error", err)
		} else {
			k.current.Store(&set)
			k.fetched.Add(1) // after the set: no key of an older one goes by the new number
		}
		k.mu.Lock()
		k.failed, k.flight = err != nil, nil
		k.mu.Unlock()
		close(flight)
	}()
	return flight
}

func (k *Keys) download() (map[string]*rsa.PublicKey, error) {
	resp, err := k.client.Get(k.url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxKeySet {
		return nil, fmt.Errorf("more than %d bytes", maxKeySet)
	}
	return parseKeySet(body)
}

// parseKeySet returns the RS256 signature keys of a JWK set by their id. Keys for other uses, and weak ones, are left out.
func parseKeySet(body []byte) (map[string]*rsa.PublicKey, error) {
	var set struct {
		Keys *[]struct{ Kty, Kid, Use, Alg, N, E string }
	}
	if err := json.Unmarshal(body, &set); err != nil || set.Keys == nil {
		return nil, errors.New("not a JWK set")
	}
	keys := make(map[string]*rsa.PublicKey)
	for _, jwk := range *set.Keys {
		if jwk.Kty != "RSA" || jwk.Kid == "" || (jwk.Use != "" && jwk.Use != "sig") || (jwk.Alg != "" && jwk.Alg != "RS256") {
			continue
		}
		if key := parseRSA(jwk.N, jwk.E); key != nil {
			keys[jwk.Kid] = key
		}
	}
	return keys, nil
}

// parseRSA decodes the modulus and the exponent of a JWK (RFC 7518 section 6.3.1); nil if they make no safe key.
func parseRSA(modulus, exponent string) *rsa.PublicKey {
	n, errN := base64.RawURLEncoding.DecodeString(modulus)
	e, errE := base64.RawURLEncoding.DecodeString(exponent)
	if errN != nil || errE != nil {
		return nil
	}
	size, exp := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e)
	if size.BitLen() < minModulus || exp.BitLen() > 31 || exp.Bit(0) == 0 || exp.Int64() < 3 {
		return nil
	}
	return &rsa.PublicKey{N: size, E: int(exp.Int64())}
}
