package auth

import (
	"crypto/sha256"
	"strings"
	"sync"
	"time"
)

const (
	cacheFor   = 60 * time.Second // longest time between two full checks of one token
	cacheSize  = 1024             // tokens per generation; two generations are held
	cacheBytes = 1 << 20          // of what their callers are, per generation
)

// cache remembers tokens that passed every check, by their SHA-256. It holds no token. It holds no pointers either:
// the garbage collector would follow those of thousands of callers again and again.
type cache struct {
	born time.Time

	mu         sync.Mutex
	young, old generation
}

type generation struct {
	places  map[digest]place
	callers []byte
}

type digest = [sha256.Size]byte

// A place is where the caller of a token is in callers.
type place struct {
	start, end uint32
	keySet     uint64        // that the token was checked with; the place is void when there is a newer one
	until      time.Duration // since the cache was born
	expires    int64         // of the token, in seconds since 1970
}

func newCache() *cache {
	return &cache{born: time.Now(), young: generation{places: make(map[digest]place)}}
}

// get returns the caller of a token that was put lately and checked with keySet; nil for any other token.
func (c *cache) get(token string, keySet uint64) *Caller {
	sum := sha256.Sum256([]byte(token))
	now := time.Since(c.born)
	c.mu.Lock()
	g := c.young
	p, ok := g.places[sum]
	if !ok {
		g = c.old
		p, ok = g.places[sum]
	}
	c.mu.Unlock()
	if !ok || p.keySet != keySet || now >= p.until {
		return nil
	}
	// Nothing changes callers below its length, so this needs no lock.
	fields := strings.Split(string(g.callers[p.start:p.end]), separator)
	return &Caller{
		Subject: fields[0], ClientID: fields[1], Organization: fields[2], Scopes: fields[3:],
		Expires: time.Unix(p.expires, 0),
	}
}

// separator is between the fields of a caller. A caller that has it in one is not held.
const separator = "\x00"

func (c *cache) put(token string, caller *Caller, keySet uint64) {
	fields := append([]string{caller.Subject, caller.ClientID, caller.Organization}, caller.Scopes...)
	text := strings.Join(fields, separator)
	if strings.Count(text, separator) != len(fields)-1 {
		return
	}
	p := place{keySet: keySet, expires: caller.Expires.Unix()}
	p.until = time.Since(c.born) + min(cacheFor, time.Until(time.Unix(p.expires, 0)))
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young.places) >= cacheSize || len(c.young.callers)+len(text) > cacheBytes {
		c.old, c.young = c.young, generation{places: make(map[digest]place)}
	}
	p.start = uint32(len(c.young.callers))
	c.young.callers = append(c.young.callers, text...)
	p.end = uint32(len(c.young.callers))
	c.young.places[sha256.Sum256([]byte(token))] = p
}
