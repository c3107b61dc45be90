package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

func checkLimits(ctx context.Context, p *Probe) {
	if !p.disposable("limits") {
		return
	}
	p.together(func() { p.checkStop(ctx) }, func() {
		busy := p
		if p.target.NewSite != nil {
			fresh, ok := p.private(ctx, func(Issuer) {})
			if !ok {
				return
			}
			busy = fresh
		}
		p.together(func() { busy.checkHalfHeader(ctx) }, func() { busy.checkBounds(ctx) })
	})
}

// checkBounds checks sizes and requests in flight.
func (p *Probe) checkBounds(ctx context.Context) {
	token, ok := p.mint("limits", nil)
	if !ok {
		return
	}
	if _, ok := p.learn(ctx, token); ok {
		p.checkSizes(ctx, token)
		p.checkInFlight(ctx, token)
	}
}

// learn sends token until it is accepted: a server that has just started may not have the keys yet.
func (p *Probe) learn(ctx context.Context, token string) (exchange, bool) {
	var e exchange
	accepted := poll(ctx, p.target.Limits.KeyWait, func() bool {
		e = p.send(ctx, p.initialize().bearer(token))
		return e.is(200)
	})
	return e, p.expect(accepted, e, "200 for a good token")
}

func (p *Probe) checkSizes(ctx context.Context, token string) {
	limits := p.target.Limits
	const margin = 1 << 10
	e := p.sendAlone(ctx, p.padded(limits.Body-margin).bearer(token))
	p.expect(e.is(200), e, "200: a body of %d bytes is within the limit", limits.Body-margin)
	large := p.padded(limits.Body + margin)
	e = p.sendAlone(ctx, large.bearer(token))
	p.expect(e.is(413), e, "413: a body of %d bytes is over the limit", limits.Body+margin)
	e = p.sendChunked(ctx, large.bearer(token))
	p.expect(e.is(413), e, "413: a chunked body of %d bytes is over the limit", limits.Body+margin)

	e = p.sendAlone(ctx, p.initialize().bearer(strings.Repeat("a", limits.Token+1)))
	p.expect(e.is(400, 401, 431), e, "401, 400 or 431: a token of more than %d bytes", limits.Token)

	// Servers may add a little to the limit: net/http adds 4 KiB.
	r := p.initialize().bearer(token).with(field{"X-Padding", strings.Repeat("a", limits.Header+limits.Header/2)})
	e = p.sendRaw(ctx, r)
	closed := e.err != nil && !errors.Is(e.err, errBudget)
	if !closed && !e.is(400, 431) && !p.theirs("the size of a header") {
		p.fail(e, "431 or 400: a header of %d bytes is over the limit", limits.Header+limits.Header/2)
	}
}

// padded is an initialize request of size bytes.
func (p *Probe) padded(size int) request {
	const marker = `"clientInfo":{`
	r := p.initialize()
	padding := max(0, size-len(r.body)-len(`"title":"",`))
	r.body = bytes.Replace(r.body, []byte(marker), []byte(marker+`"title":"`+strings.Repeat("a", padding)+`",`), 1)
	return r
}

// sendChunked sends the body of r without announcing its length.
func (c *client) sendChunked(ctx context.Context, r request) exchange {
	chunked := r.with(field{"Transfer-Encoding", "chunked"})
	chunked.body = nil
	if err := c.admit(r); err != nil {
		return exchange{request: r, err: err}
	}
	conn, err := c.connect(ctx, r.url)
	if err != nil {
		return exchange{request: r, err: err}
	}
	defer conn.Close()
	text := conn.head(chunked) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(r.body), r.body)
	go func() { _, _ = io.WriteString(conn, text) }() // the server may answer before it has read all
	chunked.body = r.body
	return conn.answer(chunked)
}

// checkInFlight occupies the server with as many requests as it may answer at one time.
func (p *Probe) checkInFlight(ctx context.Context, token string) {
	limit := p.target.Limits.InFlight
	held := make([]*partial, 0, limit)
	defer func() {
		for _, h := range held {
			h.conn.Close()
		}
	}()
	for range limit {
		h, err := p.sendPartly(ctx, p.initialize().bearer(token))
		if err != nil {
			p.fail(exchange{request: p.initialize().bearer(token), err: err}, "%d requests at one time", limit)
			return
		}
		held = append(held, h)
	}
	one := p.initialize().bearer(token)
	one.note = fmt.Sprintf("while %d requests are in flight", limit)
	var e exchange
	refused := poll(ctx, 2*time.Second, func() bool {
		e = p.sendAlone(ctx, one)
		return e.is(503)
	})
	p.expect(refused, e, "503: one more than %d requests in flight", limit)
	h := p.health()
	h.note = one.note
	p.checkServing(p.sendAlone(ctx, h))
	for _, h := range held {
		e = h.finish()
		p.expect(e.is(200), e, "200: this request was in flight before the limit was reached")
	}
	held = nil
	free := poll(ctx, 2*time.Second, func() bool {
		e = p.sendAlone(ctx, p.initialize().bearer(token))
		return e.is(200)
	})
	p.expect(free, e, "200: nothing is in flight any more")
}

// checkHalfHeader sends the beginning of a header and nothing more.
func (p *Probe) checkHalfHeader(ctx context.Context) {
	limit := p.target.Limits.ReadHeader
	slack := max(limit/2, quick)
	r := request{method: "GET", url: p.origin() + "/health", note: "sent without the empty line that ends the header"}
	conn, err := p.connect(ctx, r.url)
	if err != nil {
		p.fail(exchange{request: r, err: err}, "a connection")
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(limit + slack)) // only fails on a closed connection, which the read reports
	began := time.Now()
	if _, err := io.WriteString(conn, strings.TrimSuffix(conn.head(r), "\r\n")); err != nil {
		p.fail(exchange{request: r, err: err}, "a connection")
		return
	}
	_, err = io.Copy(io.Discard, conn)
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() && !p.theirs("the time that a header may take") {
		p.observe(r.curl(), fmt.Sprintf("the connection is closed after %v", limit), fmt.Sprintf("it is still open after %v", time.Since(began).Round(time.Millisecond)))
	}
}
