package contract

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// pollInterval is the time between two looks at something that takes a while to change.
const pollInterval = 100 * time.Millisecond

// poll calls done until it returns true, at most for as long as limit, and reports whether it did.
func poll(ctx context.Context, limit time.Duration, done func() bool) bool {
	deadline := time.Now().Add(limit)
	for !done() {
		if time.Now().After(deadline) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(min(pollInterval, limit/10)):
		}
	}
	return true
}

func checkKeys(ctx context.Context, p *Probe) {
	if _, ok := p.forger("rotation, withdrawal and unknown keys"); !ok {
		return
	}
	p.together(func() { p.checkBloat(ctx) }, func() {
		old := keyAndToken{}
		prepare := func(issuer Issuer) {
			old = p.keyToken(issuer)
			issuer.Rotate()
		}
		if p.target.NewSite == nil {
			prepare(p.Issuer)
			p.checkRotation(ctx, old)
			return
		}
		if fresh, ok := p.private(ctx, prepare); ok {
			fresh.checkRotation(ctx, old)
		}
	})
}

// keyAndToken is a key's id and a token that it signed.
type keyAndToken struct{ id, token string }

func (p *Probe) keyToken(issuer Issuer) keyAndToken {
	token, err := issuer.Mint(nil)
	if err != nil {
		p.observe("", "a token to send", err.Error())
	}
	return keyAndToken{issuer.KeyID(), token}
}

// checkRotation starts with two published keys, old and the one that signs. It then publishes a third and
// withdraws old, so that one refetch shows all of it: the third is accepted, the second stays, old goes.
func (p *Probe) checkRotation(ctx context.Context, old keyAndToken) {
	second := p.keyToken(p.Issuer)
	var e exchange
	accepted := func(token string) func() bool {
		return func() bool {
			e = p.send(ctx, p.initialize().bearer(token))
			return e.is(200)
		}
	}
	if !poll(ctx, p.target.Limits.KeyWait, accepted(second.token)) {
		p.fail(e, "200: a new key is accepted on its first use, within %v", p.target.Limits.KeyWait)
		return
	}
	e = p.send(ctx, p.initialize().bearer(old.token))
	p.expect(e.is(200), e, "200: an older key stays good as long as it is published")

	flood := p.startFlood(ctx)
	p.Issuer.Rotate()
	p.Issuer.Withdraw(old.id)
	third := p.keyToken(p.Issuer)
	if poll(ctx, p.target.Limits.KeyWait, accepted(third.token)) {
		p.checkAfterRefetch(ctx, old.token, second.token)
	} else {
		p.fail(e, "200: a new key is accepted on its first use, within %v", p.target.Limits.KeyWait)
	}
	flood.finish(p)
}

// withdrawalDelay is how long after a refetch the answer for a withdrawn key may take to change.
const withdrawalDelay = 2 * time.Second

func (p *Probe) checkAfterRefetch(ctx context.Context, withdrawn, published string) {
	var e exchange
	gone := poll(ctx, min(withdrawalDelay, p.target.Limits.KeyWait), func() bool {
		e = p.send(ctx, p.initialize().bearer(withdrawn))
		return e.is(401)
	})
	e.request.note = "a token accepted before its key was withdrawn"
	p.expect(gone, e, "401: the key was withdrawn and the keys were fetched since")
	e = p.send(ctx, p.initialize().bearer(published))
	p.expect(e.is(200), e, "200: this key is still published")
}

// flood is a crowd of tokens with as many unknown keys.
type flood struct {
	fetches int
	began   time.Time
	done    chan struct{}
	limit   int
	wrong   atomic.Pointer[exchange]
	took    time.Duration
	after   int
	sent    atomic.Int64
}

func (p *Probe) startFlood(ctx context.Context) *flood {
	f := &flood{fetches: p.Issuer.Fetches(), began: time.Now(), done: make(chan struct{}), limit: p.target.Limits.UnknownKeys}
	template := p.keyToken(p.Issuer).token
	go func() {
		defer close(f.done)
		p.guard(func() {
			forEach(f.limit, 2*parallel, func(i int) {
				if ctx.Err() != nil {
					return
				}
				e := p.send(ctx, p.initialize().bearer(withKeyID(template, fmt.Sprintf("snk_9%016d", i))))
				f.sent.Add(1)
				if !e.is(401, 503) {
					f.wrong.CompareAndSwap(nil, &e)
				}
			})
		})
		f.took = time.Since(f.began)
		f.after = p.Issuer.Fetches()
	}()
	return f
}

func (f *flood) finish(p *Probe) {
	<-f.done
	if e := f.wrong.Load(); e != nil {
		p.fail(*e, "401 for a token with an unknown key")
	}
	if int(f.sent.Load()) < f.limit {
		p.observe("", fmt.Sprintf("%d requests answered", f.limit), fmt.Sprintf("%d answered", f.sent.Load()))
	}
	floor := p.target.Limits.KeyFloor
	allowed := 1 + int(f.took/floor)
	if extra := f.after - f.fetches; extra > allowed {
		p.observe(p.initialize().curl()+fmt.Sprintf("  # %d times, each with a token with another unknown kid", f.limit),
			fmt.Sprintf("at most %d fetches of the keys in %v: one per %v", allowed, f.took.Round(time.Millisecond), floor),
			fmt.Sprintf("%d fetches", extra))
	}
}

// withKeyID returns token under another key id. Its signature is not right any more, which nobody can
// know who does not have the key.
func withKeyID(token, kid string) string {
	header := encode(map[string]any{"alg": "RS256", "kid": kid, "typ": "JWT"})
	_, rest, _ := strings.Cut(token, ".")
	return base64.RawURLEncoding.EncodeToString(header) + "." + rest
}

// checkBloat starts a copy of the server while the keys are hidden in megabytes of padding. A server that
// limits what it reads cannot know them.
func (p *Probe) checkBloat(ctx context.Context) {
	if !p.copies("the size limit of the keys") {
		return
	}
	fresh, ok := p.private(ctx, func(issuer Issuer) { issuer.Bloat(true) })
	if !ok {
		return
	}
	token := fresh.keyToken(fresh.Issuer).token
	var e exchange
	accepted := poll(ctx, quick, func() bool {
		e = fresh.send(ctx, fresh.initialize().bearer(token))
		return e.is(200)
	})
	e.request.note = "while the keys come with 8 MiB of padding"
	p.expect(!accepted && e.is(401, 503), e, "503: an answer of this size is not read to its end")
}
