package contract

import (
	"errors"
	"net/url"
	"strings"
	"sync"
)

var (
	// errBudget ends a walk that may not send any more requests.
	errBudget = errors.New("the request budget is used up")
	// errForeign keeps a token from leaving the server under test, wherever that server points to.
	errForeign = errors.New("not sent: the request carries a token and goes to another host")
)

// budget counts the requests of a walk.
type budget struct {
	limit int // zero means none

	mu      sync.Mutex
	spent   int
	refused int             // requests that were not sent for want of budget
	tokens  map[string]bool // sent so far, as far as they are remembered
}

// rememberedTokens bounds how many tokens are looked for in the server's log.
const rememberedTokens = 2048

func (b *budget) spend(r request) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limit > 0 && b.spent >= b.limit {
		b.refused++
		return errBudget
	}
	b.spent++
	for _, token := range r.tokens {
		if len(b.tokens) < rememberedTokens {
			b.tokens[token] = true
		}
	}
	return nil
}

// lift ends the limit.
func (b *budget) lift() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limit = 0
}

// counts returns how many requests were sent, and how many were not for want of budget.
func (b *budget) counts() (spent, refused int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spent, b.refused
}

// admit counts a request that is about to be sent, unless it would take a token elsewhere.
func (c *client) admit(r request) error {
	if len(r.tokens) > 0 && originOf(r.url) != c.home {
		return errForeign
	}
	return c.budget.spend(r)
}

// originOf is scheme, host and port of a URL, in lower case.
func originOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// memory holds the answers of one walk by what was asked.
type memory struct {
	mu      sync.Mutex
	answers map[string]exchange
}

func newMemory() *memory { return &memory{answers: map[string]exchange{}} }

func (m *memory) recall(r request) (exchange, bool) {
	if m == nil {
		return exchange{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, known := m.answers[r.key()]
	e.request = r
	return e, known
}

// keep remembers an answer. The want of one is not remembered: the next attempt may do better.
func (m *memory) keep(e exchange) {
	if m == nil || e.err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[e.request.key()] = e
}

// key is everything that the server sees of r.
func (r request) key() string {
	var b strings.Builder
	b.WriteString(r.method + " " + r.url + "\n")
	for _, f := range r.fields {
		if f.name != "Host" || !strings.HasSuffix(originOf(r.url), "//"+f.value) {
			b.WriteString(f.name + ": " + f.value + "\n")
		}
	}
	return b.String() + "\n" + string(r.body)
}
