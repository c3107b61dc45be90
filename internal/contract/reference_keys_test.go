package contract_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
)

// keySet is the reference's cache of public keys.
type keySet struct {
	broken string
	url    string
	client *http.Client

	fetching sync.Mutex // held during a fetch
	mu       sync.Mutex
	keys     map[string]*rsa.PublicKey
	at       time.Time
	failed   bool
}

func newKeySet(broken, url string) *keySet {
	k := &keySet{broken: broken, url: url, client: &http.Client{Timeout: time.Second, Transport: &http.Transport{}}, failed: true}
	switch broken {
	case "fetch-no-timeout":
		k.client.Timeout = 0
	case "fetch-impatient":
		k.client.Timeout = 200 * time.Millisecond
	case "fetch-blocks-all", "fetch-no-limit":
		k.client.Timeout = 3 * time.Second
	}
	return k
}

func (k *keySet) is(fault string) bool { return k.broken == fault }

func (k *keySet) refreshUntilKnown(done <-chan struct{}) {
	for k.refresh("") != nil {
		if k.is("start-only") {
			return
		}
		select {
		case <-done:
			return
		case <-time.After(limits.KeyFloor):
		}
	}
}

func (k *keySet) get(kid string) (*rsa.PublicKey, bool) {
	if k.is("fetch-blocks-all") {
		k.fetching.Lock()
		defer k.fetching.Unlock()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[kid]
	return key, ok
}

func (k *keySet) known() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys != nil
}

func (k *keySet) lookup(kid, token string) (*rsa.PublicKey, error) {
	if key, ok := k.get(kid); ok {
		return key, nil
	}
	if k.is("keys-once") && k.known() {
		return nil, errRefused
	}
	if err := k.refresh(token); err != nil && !k.is("outage-401") {
		return nil, errUnavailable
	}
	if key, ok := k.get(kid); ok {
		return key, nil
	}
	return nil, errRefused
}

// refresh fetches the keys unless that was done a moment ago. It reports the outcome of the latest fetch.
func (k *keySet) refresh(token string) error {
	k.fetching.Lock()
	defer k.fetching.Unlock()
	if time.Since(k.at) < limits.KeyFloor && !k.is("no-floor") {
		if k.failed {
			return errUnavailable
		}
		return nil
	}
	keys, err := k.fetch(token)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.failed = time.Now(), err != nil
	switch {
	case err != nil && k.is("outage-forgets"):
		k.keys = nil
	case err != nil:
		return errUnavailable
	case k.is("keys-merged"):
		for kid, key := range k.keys {
			if keys[kid] == nil {
				keys[kid] = key
			}
		}
		k.keys = keys
	default:
		k.keys = keys
	}
	return nil
}

func (k *keySet) fetch(token string) (map[string]*rsa.PublicKey, error) {
	r, err := http.NewRequest(http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	if k.is("forwards-token") && token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := k.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errUnavailable
	}
	limit := int64(64 << 10)
	if k.is("fetch-no-limit") {
		limit = 1 << 30
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit))
	if err != nil {
		return nil, err
	}
	var set struct{ Keys []struct{ Kid, N string } }
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, key := range set.Keys {
		n, err := base64.RawURLEncoding.DecodeString(key.N)
		if err != nil {
			return nil, err
		}
		keys[key.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
	}
	return keys, nil
}
