package contract

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// Probe is what one check works with: a site, a client for it, and the place for what is found.
type Probe struct {
	Site
	*client
	abroad *client
	target *Target
	scene  *scene
	found  *findings
}

// findings gathers what a check observes. They are kept in the order in which they are recorded.
type findings struct {
	check *Check
	hide  *scrubber

	mu       sync.Mutex
	failures []Failure
	skipped  []string
	closers  []func() error
}

// fail records that e is not what the contract expects.
func (p *Probe) fail(e exchange, expected string, args ...any) {
	if errors.Is(e.err, errBudget) {
		return // which the walk records for the whole check
	}
	p.found.add(Failure{Request: e.request.curl(), Expected: fmt.Sprintf(expected, args...), Got: p.shown(e)})
}

// shown describes an answer without what must not be in a report. That goes before the answer is shortened:
// half of it would not be recognized any more.
func (p *Probe) shown(e exchange) string {
	e.body = []byte(p.found.hide.scrub(string(e.body)))
	return e.String()
}

// expect records a failure unless ok, and returns ok.
func (p *Probe) expect(ok bool, e exchange, expected string, args ...any) bool {
	if !ok || e.err != nil {
		p.fail(e, expected, args...)
		return false
	}
	return true
}

// theirs is asked when the server around the endpoint falls short. It reports whether that is the program's own server, and
// then records that the endpoint was not checked for it.
func (p *Probe) theirs(what string) bool {
	if p.target.Embedded {
		p.skip("%s: that is up to the program's own server, which falls short of the contract without the endpoint, too", what)
	}
	return p.target.Embedded
}

// observe records a failure that is not about one answer.
func (p *Probe) observe(request, expected, got string) {
	p.found.add(Failure{Request: request, Expected: expected, Got: got})
}

func (f *findings) add(failure Failure) {
	failure.Why = f.check.Why
	if failure.Fix == "" {
		failure.Fix = f.check.Fix
	}
	failure.Request, failure.Expected, failure.Got = f.hide.scrub(failure.Request), f.hide.scrub(failure.Expected), f.hide.scrub(failure.Got)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures = append(f.failures, failure)
}

// skip records that something was not checked, and why. The same text is recorded once.
func (p *Probe) skip(format string, args ...any) {
	text := p.found.hide.scrub(fmt.Sprintf(format, args...))
	p.found.mu.Lock()
	defer p.found.mu.Unlock()
	if !slices.Contains(p.found.skipped, text) {
		p.found.skipped = append(p.found.skipped, text)
	}
}

const (
	needsIssuer = "needs a forged token: start the server against the local authorization server, mcpauth dev"
	needsToken  = "needs an access token, and none was given"
	needsStart  = "needs a server that can be started and stopped"
	needsFull   = "could get in the way of other users of this server; ask for the full check"
)

// forger returns the issuer, or records that what needs one was not checked.
func (p *Probe) forger(what string) (Issuer, bool) {
	if p.Issuer == nil {
		p.skip("%s: %s", what, needsIssuer)
		return nil, false
	}
	return p.Issuer, true
}

// token returns a good token with claims laid over the defaults. Where tokens cannot be made, claims that
// ask for something special are an error.
func (p *Probe) token(claims map[string]any) (string, error) {
	switch {
	case p.Issuer != nil:
		return p.Issuer.Mint(claims)
	case p.target.Token == "":
		return "", errors.New(needsToken)
	case p.scene.unfit != nil:
		return "", p.scene.unfit
	case len(claims) > 0:
		return "", errors.New(needsIssuer)
	}
	return p.target.Token, nil
}

// mint is token for checks that cannot go on without. It records why there is none.
func (p *Probe) mint(what string, claims map[string]any) (string, bool) {
	token, err := p.token(claims)
	if err == nil {
		return token, true
	}
	if p.Issuer == nil {
		p.skip("%s: %v", what, err)
	} else {
		p.observe("", "a token to send", fmt.Sprintf("making one: %v", err))
	}
	return "", false
}

// disposable reports whether the server may be used up, or records why what does so was not checked.
func (p *Probe) disposable(what string) bool {
	if !p.thorough() {
		p.skip("%s: %s", what, needsFull)
		return false
	}
	return true
}

// thorough reports whether the server may be asked everything: it is here to be tested, or the caller
// wants it all the same.
func (p *Probe) thorough() bool { return p.Issuer != nil || p.target.Full }

// guard runs part and records a panic in it as a failure.
func (p *Probe) guard(part func()) {
	defer func() {
		if reason := recover(); reason != nil {
			p.observe("", "the check runs to its end", fmt.Sprintf("panic: %v: %s", reason, shorten(string(debug.Stack()))))
		}
	}()
	part()
}

// together runs parts of a check at the same time and returns when all have ended.
func (p *Probe) together(parts ...func()) {
	var group sync.WaitGroup
	for _, part := range parts {
		group.Go(func() { p.guard(part) })
	}
	group.Wait()
}

// private returns a probe of a fresh copy of the server, which records into the same result. The issuer
// of the copy is handed to prepare before the copy starts. Without a way to start copies ok is false.
func (p *Probe) private(ctx context.Context, prepare func(Issuer)) (fresh *Probe, ok bool) {
	if p.target.NewSite == nil {
		return nil, false
	}
	site, err := p.target.NewSite(ctx, prepare)
	if err != nil {
		p.observe("", "another copy of the server starts", err.Error())
		return nil, false
	}
	c := newClient(originOf(site.URL), p.target.TLS, nil, p.budget)
	p.found.mu.Lock()
	defer p.found.mu.Unlock()
	p.found.closers = append(p.found.closers, func() error {
		c.close()
		if site.Close == nil {
			return nil
		}
		return site.Close()
	})
	return &Probe{Site: site, client: c, abroad: p.abroad, target: p.target, scene: p.scene, found: p.found}, true
}

// few returns all of list, or only its first n elements on a server that is not to be asked everything.
func few[T any](p *Probe, n int, list ...T) []T {
	if !p.thorough() && len(list) > n {
		return list[:n]
	}
	return list
}

// copies reports whether copies of the server can be started, or records that what needs one was not checked.
func (p *Probe) copies(what string) bool {
	if p.target.NewSite == nil {
		p.skip("%s: %s", what, needsStart)
		return false
	}
	return true
}

// origin is scheme, host and port of the site.
func (s Site) origin() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// path is the path of the MCP URL without a trailing slash: empty when it is the root.
func (s Site) path() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.EscapedPath(), "/")
}

// at is a GET of another path of the site.
func (s Site) at(path string) request { return request{method: "GET", url: s.origin() + path} }

// health is a GET of the health endpoint.
func (s Site) health() request { return s.at("/health") }
