package contract

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	// quick is how long an answer may take that depends on nobody else.
	quick = time.Second
	// patience is how long a request may wait for keys that do not come.
	patience = 4 * time.Second
)

func checkOutage(ctx context.Context, p *Probe) {
	if _, ok := p.forger("an outage of the keys"); !ok {
		return
	}
	if p.fetches() == 0 && p.scene.listing.is(200) {
		p.skip("an outage of the keys: the server accepts tokens and has fetched no keys")
		return
	}
	if p.target.NewSite == nil {
		p.checkKeysDown(ctx)
		p.checkKeysHang(ctx)
		p.checkKeysSlow(ctx)
		p.copies("a start while the keys are down")
		return
	}
	on := func(prepare func(Issuer), check func(*Probe, context.Context)) func() {
		return func() {
			if fresh, ok := p.private(ctx, prepare); ok {
				check(fresh, ctx)
			}
		}
	}
	p.together(
		on(func(Issuer) {}, (*Probe).checkKeysDown),
		on(func(Issuer) {}, (*Probe).checkKeysHang),
		on(func(Issuer) {}, (*Probe).checkKeysSlow),
		on(func(issuer Issuer) { issuer.Outage(true) }, (*Probe).checkStartWithoutKeys),
	)
}

// learnKeys makes sure that the server has fetched the keys, and returns a token that it accepts.
func (p *Probe) learnKeys(ctx context.Context) (string, bool) {
	token := p.keyToken(p.Issuer).token
	var e exchange
	known := poll(ctx, p.target.Limits.KeyWait, func() bool {
		e = p.send(ctx, p.initialize().bearer(token))
		return e.is(200)
	})
	return token, p.expect(known, e, "200 before the outage")
}

func (p *Probe) checkKeysDown(ctx context.Context) {
	known, ok := p.learnKeys(ctx)
	if !ok {
		return
	}
	p.Issuer.Outage(true)
	defer p.Issuer.Outage(false)
	p.stillServed(ctx, known, "while the keys answer 503")
	unknown := p.unknownKeys()
	var e exchange
	refused := poll(ctx, p.target.Limits.KeyWait, func() bool {
		e = p.send(ctx, unknown())
		return e.is(503)
	})
	if !p.expect(refused, e, "503 within %v: nobody can know whether the key is good", p.target.Limits.KeyWait) {
		return
	}
	p.checkUnavailable(e)
	for range 3 {
		e = p.send(ctx, unknown())
		p.expect(e.is(503), e, "503 again, never 401, as long as the keys are out of reach")
	}
	p.stillServed(ctx, known, "after a fetch of the keys has failed")
}

// unknownKeys returns requests with tokens whose keys the server has not seen.
func (p *Probe) unknownKeys() func() request {
	template := p.keyToken(p.Issuer).token
	var n atomic.Int64
	return func() request {
		r := p.initialize().bearer(withKeyID(template, fmt.Sprintf("snk_8%016d", n.Add(1))))
		r.note = "a token with an unknown kid while the keys are out of reach"
		return r
	}
}

func (p *Probe) checkUnavailable(e exchange) {
	after := e.header.Get("Retry-After")
	seconds, err := strconv.Atoi(after)
	if err != nil {
		_, dateErr := time.Parse(time.RFC1123, after)
		p.expect(dateErr == nil, e, "Retry-After with seconds or a date")
		return
	}
	p.expect(seconds > 0, e, "Retry-After of at least 1 second")
}

// stillServed checks that tokens with a known key, one that was used before and one that was not, and the health
// endpoint are answered at once.
func (p *Probe) stillServed(ctx context.Context, token, when string) {
	fresh := p.keyToken(p.Issuer).token
	for _, good := range []struct{ what, token string }{{"a token that was used before", token}, {"a new token with a known key", fresh}} {
		r := p.initialize().bearer(good.token)
		r.note = good.what + " " + when
		e := p.send(ctx, r)
		p.expect(e.is(200) && e.took < quick, e, "200 within %v, took %v", quick, e.took.Round(time.Millisecond))
	}
	h := p.health()
	h.note = when
	p.checkServing(p.send(ctx, h))
}

// checkServing wants the health endpoint to answer at once. What it should answer is C3's.
func (p *Probe) checkServing(e exchange) {
	serves := e.status < 500 || p.target.OwnHealth && e.err == nil // the program may be unhealthy for reasons of its own
	p.expect(serves && e.took < quick, e, "an answer within %v, took %v", quick, e.took.Round(time.Millisecond))
}

// checkKeysHang waits until the server asks for the keys again, and looks at what it does meanwhile.
func (p *Probe) checkKeysHang(ctx context.Context) {
	known, ok := p.learnKeys(ctx)
	if !ok {
		return
	}
	p.Issuer.Hang(true)
	defer p.Issuer.Hang(false)
	unknown := p.unknownKeys()
	before := p.Issuer.Fetches()
	ask := func() exchange {
		waiting, cancel := context.WithTimeout(ctx, patience+quick)
		defer cancel()
		return p.send(waiting, unknown())
	}
	answered := make(chan exchange, 1)
	asking := poll(ctx, p.target.Limits.KeyWait, func() bool {
		go func() { answered <- ask() }()
		select {
		case e := <-answered:
			answered <- e
		case <-time.After(quick / 2):
		}
		if p.Issuer.Fetches() > before {
			return true
		}
		<-answered
		return false
	})
	if !asking {
		p.observe(unknown().curl(), "the keys are fetched again for an unknown kid", "no fetch within "+p.target.Limits.KeyWait.String())
		return
	}
	p.stillServed(ctx, known, "while the keys do not answer")
	e := <-answered
	p.expect(e.is(503) && e.took < patience, e, "503 within %v while the keys do not answer, took %v", patience, e.took.Round(time.Millisecond))
	if e.is(503) {
		p.checkUnavailable(e)
	}
}

// checkKeysSlow has the keys take half a second, which is no outage: a new key is still found.
func (p *Probe) checkKeysSlow(ctx context.Context) {
	known, ok := p.learnKeys(ctx)
	if !ok {
		return
	}
	p.Issuer.Slow(quick / 2)
	defer p.Issuer.Slow(0)
	p.Issuer.Rotate()
	r := p.initialize().bearer(p.keyToken(p.Issuer).token)
	r.note = fmt.Sprintf("a token with a new key while the keys take %v", quick/2)
	var e exchange
	accepted := poll(ctx, p.target.Limits.KeyWait, func() bool {
		e = p.send(ctx, r)
		return e.is(200)
	})
	p.expect(accepted, e, "200 within %v: the keys are slow, not away", p.target.Limits.KeyWait)
	p.stillServed(ctx, known, "while the keys are slow")
}

// checkStartWithoutKeys has a server that was started while the keys were down.
func (p *Probe) checkStartWithoutKeys(ctx context.Context) {
	token := p.keyToken(p.Issuer).token
	r := p.initialize().bearer(token)
	r.note = "the server was started while the keys were down"
	e := p.send(ctx, r)
	if p.expect(e.is(503) && e.took < patience, e, "503 within %v: no key is known yet", patience) {
		p.checkUnavailable(e)
	}
	h := p.health()
	h.note = r.note
	p.checkServing(p.send(ctx, h))
	e = p.send(ctx, p.initialize())
	p.expect(e.is(401), e, "401 without a token: that needs no key")
	p.Issuer.Outage(false)
	recovered := poll(ctx, p.target.Limits.KeyWait, func() bool {
		e = p.send(ctx, r)
		return e.is(200)
	})
	p.expect(recovered, e, "200 within %v after the keys are back", p.target.Limits.KeyWait)
}
