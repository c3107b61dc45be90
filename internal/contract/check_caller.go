package contract

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// caller is somebody with a token.
type caller struct {
	subject, client, organization string
	token                         string
}

func (p *Probe) newCaller(digit string) (caller, bool) {
	id := strings.Repeat(digit, 17)
	c := caller{subject: "usr_" + id, client: "m2m_" + id, organization: "org_" + id}
	claims := maps.Clone(p.allScopes())
	if claims == nil {
		claims = map[string]any{}
	}
	claims["sub"], claims["client_id"], claims["oid"] = c.subject, c.client, c.organization
	var ok bool
	c.token, ok = p.mint("callers", claims)
	return c, ok
}

func (c caller) isNamedIn(e exchange) bool {
	return slices.ContainsFunc([]string{c.subject, c.client, c.organization}, func(name string) bool {
		return name != "" && strings.Contains(string(e.body), name)
	})
}

// usualCaller is who the tokens of the other checks name.
func (p *Probe) usualCaller() caller {
	token, err := p.token(nil)
	if err != nil {
		return caller{}
	}
	var claims struct {
		Subject      string `json:"sub"`
		Client       string `json:"client_id"`
		Organization string `json:"oid"`
	}
	_, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(decoded, &claims) != nil {
		return caller{}
	}
	return caller{subject: claims.Subject, client: claims.Client, organization: claims.Organization}
}

func checkCaller(ctx context.Context, p *Probe) {
	if _, ok := p.forger("who a tool sees"); !ok {
		return
	}
	a, okA := p.newCaller("1")
	b, okB := p.newCaller("2")
	if !okA || !okB {
		return
	}
	usual := p.usualCaller()
	tool, ok := p.callerTool(ctx, a, b, usual)
	if !ok {
		return
	}
	const rounds = 10
	answers := make([]exchange, 2*rounds)
	callers := []caller{a, b}
	forEach(len(answers), parallel, func(i int) {
		answers[i] = p.inSession(ctx, callers[i%2].token, p.call(revision2025November, tool))
	})
	for i, e := range answers {
		p.checkNamed(e, tool, callers[i%2], callers[(i+1)%2], usual)
	}
	for _, revision := range p.revisions("who a tool sees") {
		for i, c := range callers {
			p.checkNamed(p.inSession(ctx, c.token, p.call(revision, tool)), tool, c, callers[1-i], usual)
		}
	}
	p.checkForeignSession(ctx, tool, a, b)
}

func (p *Probe) checkNamed(e exchange, tool Tool, own caller, others ...caller) {
	e.request.note = "the token's subject is " + own.subject
	if !p.expect(e.succeeded(), e, "the result of %s", tool.Name) {
		return
	}
	p.expect(strings.Contains(string(e.body), own.subject), e, "%s sees %s", tool.Name, own.subject)
	for _, other := range others {
		p.expect(!other.isNamedIn(e), e, "%s does not see %s, who made another request", tool.Name, other.subject)
	}
}

// callerTool finds a tool whose answer names a caller, rightly or wrongly: an earlier one, too.
func (p *Probe) callerTool(ctx context.Context, a, b, usual caller) (Tool, bool) {
	if p.target.CallerTool != nil {
		return *p.target.CallerTool, true
	}
	var candidates []Tool
	for _, tool := range []*Tool{p.scene.scoped, p.scene.public} {
		if tool != nil {
			candidates = append(candidates, *tool)
		}
	}
	candidates = append(candidates, p.scene.tools...)
	known := []caller{a, b, usual}
	for i, tool := range candidates {
		if i == maxToolsTried {
			break
		}
		if tool.destructive {
			continue
		}
		for _, c := range []caller{a, b} {
			e := p.inSession(ctx, c.token, p.call(revision2025November, tool))
			if e.succeeded() && slices.ContainsFunc(known, func(c caller) bool { return c.isNamedIn(e) }) {
				return tool, true
			}
		}
	}
	p.skip("who a tool sees: no tool names its caller in its answer; name one that does")
	return Tool{}, false
}

// checkForeignSession opens a session as one caller and uses it as another. Without sessions that is just
// another call.
func (p *Probe) checkForeignSession(ctx context.Context, tool Tool, a, b caller) {
	opened := p.send(ctx, p.initialize().bearer(a.token))
	id := opened.header.Get("Mcp-Session-Id")
	if id == "" {
		id = "contract-session"
	}
	r := p.call(revision2025November, tool).bearer(b.token).with(field{"Mcp-Session-Id", id})
	r.note = fmt.Sprintf("the session was opened by %s, the token's subject is %s", a.subject, b.subject)
	e := p.send(ctx, r)
	p.expect(!a.isNamedIn(e), e, "%s or a refusal", b.subject)
}

func checkPassthrough(ctx context.Context, p *Probe) {
	issuer, ok := p.forger("the token in requests of the server's")
	if !ok {
		return
	}
	token, ok := p.mint("a call", p.allScopes())
	if !ok {
		return
	}
	for _, tool := range []*Tool{p.scene.public, p.scene.scoped} {
		if tool != nil {
			e := p.inSession(ctx, token, p.call(revision2025November, *tool))
			p.expect(e.succeeded(), e, "the result of %s", tool.Name)
		}
	}
	const atStart = 1 // a server fetches the keys once before it has seen any token
	poll(ctx, p.target.Limits.KeyFloor+quick, func() bool {
		p.send(ctx, p.initialize().bearer(withKeyID(token, "snk_70000000000000000")))
		return p.fetches() > atStart
	})
	if p.fetches() == 0 {
		p.skip("the token in requests of the server's: it has not made any to the authorization server")
		return
	}
	if n := issuer.TokensReceived(); n > 0 {
		p.observe("", "no access token in requests to the authorization server", fmt.Sprintf("%d requests carried one", n))
	}
}
