package contract

import (
	"context"
	"encoding/json"
	"slices"
)

func checkRevisions(ctx context.Context, p *Probe) {
	token, ok := p.mint("MCP revisions", p.allScopes())
	if !ok {
		return
	}
	for _, revision := range []string{revision2025March, revision2025June, revision2025November} {
		p.checkHandshake(ctx, token, revision)
		p.checkTools(ctx, token, revision)
	}
	p.checkUnknown(ctx, token)
	if reason := p.target.Legacy; reason != "" {
		p.skip("%s: %s", stateless, reason)
		return
	}
	p.checkDiscover(ctx, token)
	p.checkTools(ctx, token, stateless)
	p.checkMismatches(ctx, token)
	p.checkUnsupported(ctx, token)
}

// checkHandshake does what a client of a revision with initialize does first.
func (p *Probe) checkHandshake(ctx context.Context, token, revision string) {
	for range few(p, 1, "first", "second") {
		e := p.send(ctx, p.initializeAt(revision).bearer(token))
		if !p.expect(e.succeeded(), e, "200 with the result of initialize") {
			return
		}
		r, err := e.reply()
		var result struct {
			Version string `json:"protocolVersion"`
			Server  struct {
				Name string `json:"name"`
			} `json:"serverInfo"`
		}
		if err == nil {
			err = json.Unmarshal(r.Result, &result)
		}
		p.expect(err == nil && result.Version == revision, e, "protocolVersion %q, as asked for", revision)
		p.expect(result.Server.Name != "", e, "serverInfo with a name")
	}
	if !p.thorough() {
		return
	}
	notification := p.post([]byte(initialized))
	if revision != revision2025March {
		notification = notification.with(field{"MCP-Protocol-Version", revision})
	}
	e := p.send(ctx, notification.bearer(token))
	p.expect(e.is(202), e, "202 for a notification")
}

// checkTools lists and calls twice, without a session: the second request must work like the first.
func (p *Probe) checkTools(ctx context.Context, token, revision string) {
	for range few(p, 1, "first", "second") {
		e := p.send(ctx, p.rpc(revision, "tools/list", nil).bearer(token))
		_, err := e.tools()
		p.expect(e.succeeded() && err == nil, e, "200 with the tools, without a session")
	}
	tool := p.scene.public
	if tool == nil {
		tool = p.scene.scoped
	}
	if tool == nil {
		p.publicTool("tools/call")
		return
	}
	for range few(p, 1, "first", "second") {
		e := p.send(ctx, p.call(revision, *tool).bearer(token))
		p.expect(e.succeeded(), e, "200 with the result of %s, without a session", tool.Name)
	}
}

func (p *Probe) checkDiscover(ctx context.Context, token string) {
	for range few(p, 1, "first", "second") {
		e := p.send(ctx, p.rpc(stateless, "server/discover", nil).bearer(token))
		if !p.expect(e.succeeded(), e, "200 with the result of server/discover") {
			return
		}
		r, err := e.reply()
		var result struct {
			Versions     []string        `json:"supportedVersions"`
			Capabilities json.RawMessage `json:"capabilities"`
		}
		if err == nil {
			err = json.Unmarshal(r.Result, &result)
		}
		p.expect(err == nil && slices.Contains(result.Versions, stateless), e, "supportedVersions with %q", stateless)
		p.expect(result.Capabilities != nil, e, "capabilities")
	}
}

// checkMismatches sends headers that contradict the body.
func (p *Probe) checkMismatches(ctx context.Context, token string) {
	list := p.rpc(stateless, "tools/list", nil)
	requests := []request{
		list.without("Mcp-Method").with(field{"Mcp-Method", "tools/call"}),
		list.without("Mcp-Method"),
		list.without("MCP-Protocol-Version").with(field{"MCP-Protocol-Version", revision2025November}),
	}
	if tool := p.scene.public; tool != nil {
		call := p.call(stateless, *tool)
		requests = append(requests,
			call.without("Mcp-Name").with(field{"Mcp-Name", "contract-no-such-tool"}),
			call.without("Mcp-Name"))
	}
	for _, r := range few(p, 1, requests...) {
		e := p.send(ctx, r.bearer(token))
		answer, err := e.reply()
		p.expect(e.is(400) && err == nil && answer.Error != nil && answer.Error.Code == codeHeaderMismatch, e,
			"400 with the JSON-RPC error %d: header and body differ", codeHeaderMismatch)
	}
}

// checkUnsupported asks for a revision that does not exist, in the manner of 2026-07-28.
func (p *Probe) checkUnsupported(ctx context.Context, token string) {
	e := p.send(ctx, p.rpc("2999-01-01", "tools/list", nil).bearer(token))
	answer, err := e.reply()
	if p.expect(e.is(400) && err == nil && answer.Error != nil && answer.Error.Code == codeUnsupportedVersion, e,
		"400 with the JSON-RPC error %d", codeUnsupportedVersion) {
		var data struct {
			Supported []string `json:"supported"`
		}
		err := json.Unmarshal(answer.Error.Data, &data)
		p.expect(err == nil && slices.Contains(data.Supported, stateless), e, "supported with %q", stateless)
	}
}

// checkUnknown names a revision that does not exist as an older client would.
func (p *Probe) checkUnknown(ctx context.Context, token string) {
	e := p.send(ctx, p.rpc(revision2025June, "tools/list", nil).without("MCP-Protocol-Version").
		with(field{"MCP-Protocol-Version", "1999-01-01"}).bearer(token))
	p.expect(e.is(400), e, "400: nobody speaks this revision")
}

func checkCaching(ctx context.Context, p *Probe) {
	token, ok := p.mint("lists", p.allScopes())
	if !ok {
		return
	}
	for _, revision := range few(p, 1, revision2025November, revision2025June) {
		p.checkCacheControl(p.inSession(ctx, token, p.rpc(revision, "tools/list", nil)))
	}
	e := p.scene.modern
	if !e.succeeded() {
		p.skip("cacheScope: %s is not served", stateless)
		return
	}
	p.checkCacheControl(e)
	if r, err := e.reply(); p.expect(err == nil, e, "200 with the tools at %s", stateless) {
		p.checkCacheScope(e, r)
	}
}

// checkCacheScope checks the hint in the result. A result without a lifetime needs no scope, but one that
// says public is wrong with any lifetime; and public is what a missing scope means.
func (p *Probe) checkCacheScope(e exchange, r reply) {
	var hint struct {
		Scope *string  `json:"cacheScope"`
		TTL   *float64 `json:"ttlMs"`
	}
	if err := json.Unmarshal(r.Result, &hint); err != nil {
		p.fail(e, "cacheScope as a string and ttlMs as a number")
		return
	}
	if hint.Scope != nil {
		p.expect(*hint.Scope == "private", e, `cacheScope "private": the answer was given to one caller`)
		return
	}
	p.expect(hint.TTL == nil || *hint.TTL <= 0, e, `cacheScope "private" beside ttlMs: without it the answer is public`)
}

func (p *Probe) checkCacheControl(e exchange) {
	for _, directive := range []string{"public", "s-maxage"} {
		p.expect(!hasDirective(e, directive), e, "no %s in Cache-Control", directive)
	}
}
