package auth

import (
	"crypto/rsa"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	cacheFor  = 60 * time.Second // longest time between two full checks of one token
	cacheSize = 1024             // tokens per generation; two generations are held
)

// cache remembers tokens that passed every check, by their SHA-256. It holds no token.
type cache struct {
	mu    sync.Mutex
	young map[digest]*entry
	old   map[digest]*entry
}

type digest = [sha256.Size]byte

type entry struct {
	caller Caller
	key    *rsa.PublicKey // signed the token; the entry is void when it is withdrawn
	until  time.Time
}

func newCache() *cache { return &cache{young: make(map[digest]*entry)} }

func (c *cache) get(token string) *entry {
	sum := sha256.Sum256([]byte(token))
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.young[sum]
	if !ok {
		e, ok = c.old[sum]
	}
	if !ok || !time.Now().Before(e.until) {
		return nil
	}
	return e
}

func (c *cache) put(token string, e *entry) {
	e.until = time.Now().Add(cacheFor)
	if e.caller.Expires.Before(e.until) {
		e.until = e.caller.Expires
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= cacheSize {
		c.old, c.young = c.young, make(map[digest]*entry)
	}
	c.young[sha256.Sum256([]byte(token))] = e
}
