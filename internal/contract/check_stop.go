package contract

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"time"
)

// orderlyStop is what may not be checked.
const orderlyStop = "an orderly stop"

// checkStop stops a copy of the server while a request is in flight.
func (p *Probe) checkStop(ctx context.Context) {
	if runtime.GOOS == "windows" {
		p.skip("%s: there is no SIGTERM on Windows", orderlyStop)
		return
	}
	if !p.copies(orderlyStop) {
		return
	}
	fresh, ok := p.private(ctx, func(Issuer) {})
	if !ok {
		return
	}
	if fresh.Process == nil {
		p.skip("%s: %s", orderlyStop, needsStart)
		return
	}
	token := fresh.keyToken(fresh.Issuer).token
	if _, ok := fresh.learn(ctx, token); !ok {
		return
	}
	r := fresh.initialize().bearer(token)
	r.note = "half of the body is sent before SIGTERM, the rest after it"
	held, err := fresh.sendPartly(ctx, r)
	if err != nil {
		p.fail(exchange{request: r, err: err}, "a connection")
		return
	}
	defer held.conn.Close()
	fresh.close()
	began := time.Now()
	if err := fresh.Process.Terminate(); err != nil {
		p.observe("kill -TERM", "the signal is delivered", err.Error())
		return
	}
	if fresh.checkStopping(ctx, held, began) {
		fresh.checkRestart(ctx, token)
	}
}

// checkRestart starts the stopped server again: what clients hold must not depend on a process.
func (p *Probe) checkRestart(ctx context.Context, token string) {
	if p.Restart == nil {
		p.skip("a start after the stop: %s", needsStart)
		return
	}
	if err := p.Restart(ctx); err != nil {
		p.observe("", "the server starts again at the same address", err.Error())
		return
	}
	r := p.initialize().bearer(token)
	r.note = "a token that was good before the server was started again"
	var e exchange
	accepted := poll(ctx, p.target.Limits.KeyWait, func() bool {
		e = p.send(ctx, r)
		return e.is(200)
	})
	p.expect(accepted, e, "200")
}

// checkStopping reports whether the server has ended.
func (p *Probe) checkStopping(ctx context.Context, held *partial, began time.Time) bool {
	limit := p.target.Limits.Stop
	if !poll(ctx, limit/2, func() bool { return !p.accepts(ctx) }) && !p.theirs(orderlyStop) {
		p.observe(p.health().curl(), "new connections are refused after SIGTERM", "they are still accepted after "+(limit/2).String())
	}
	if e := held.finish(); !e.is(200) && !p.theirs(orderlyStop) {
		p.fail(e, "200: the request was in flight at SIGTERM")
	}
	waiting, cancel := context.WithDeadline(ctx, began.Add(limit))
	defer cancel()
	code, err := p.Process.Wait(waiting)
	switch {
	case err == nil && code == 0, p.theirs(orderlyStop):
	case err != nil:
		p.observe("kill -TERM", fmt.Sprintf("the server exits within %v", limit), err.Error())
	default:
		p.observe("kill -TERM", "exit code 0", fmt.Sprintf("exit code %d", code))
	}
	return err == nil
}

// accepts reports whether the server takes new connections.
func (p *Probe) accepts(ctx context.Context) bool {
	u, err := url.Parse(p.URL)
	if err != nil {
		return false
	}
	conn, err := (&net.Dialer{Timeout: quick}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
