package contract

import (
	"context"
	"strings"
)

// corsHeaders are the request headers that MCP clients in browsers send.
func corsHeaders() []string {
	return []string{
		"Authorization", "Content-Type", "Accept", "Mcp-Protocol-Version",
		"Mcp-Session-Id", "Mcp-Method", "Mcp-Name", "Last-Event-ID",
	}
}

func checkCORS(ctx context.Context, p *Probe) {
	for _, origin := range few(p, 1, p.allowedOrigins()...) {
		e := p.send(ctx, p.preflight(origin))
		p.expect(e.is(204), e, "204 without a token")
		p.checkAllowed(e, origin)
		for _, name := range corsHeaders() {
			p.expect(lists(e, "Access-Control-Allow-Headers", name), e, "%s in Access-Control-Allow-Headers", name)
		}
		p.expect(lists(e, "Access-Control-Allow-Methods", "POST"), e, "POST in Access-Control-Allow-Methods")
		p.checkActual(ctx, origin)
	}
}

func (p *Probe) preflight(origin string) request {
	return request{method: "OPTIONS", url: p.URL, fields: []field{
		{"Origin", origin},
		{"Access-Control-Request-Method", "POST"},
		{"Access-Control-Request-Headers", strings.ToLower(strings.Join(corsHeaders(), ","))},
	}}
}

// checkActual checks the answers that follow a preflight: 401, 200 and 403.
func (p *Probe) checkActual(ctx context.Context, origin string) {
	from := field{"Origin", origin}
	e := p.send(ctx, p.initialize().with(from))
	p.expect(e.is(401), e, "401 without a token")
	p.checkExposed(e, origin)
	if token, ok := p.mint("CORS headers of a 200", nil); ok {
		e = p.send(ctx, p.initialize().bearer(token).with(from))
		p.expect(e.is(200), e, "200")
		p.checkExposed(e, origin)
	}
	if _, ok := p.forger("CORS headers of a 401 for a bad token and of a 403"); !ok {
		return
	}
	e = p.send(ctx, p.initialize().bearer("not-a-token").with(from))
	p.expect(e.is(401), e, "401 for a bad token")
	p.checkExposed(e, origin)
	if tool, ok := p.scopedTool("CORS headers of a 403"); ok && !p.target.RefusalInBody {
		if token, ok := p.mint("CORS headers of a 403", nil); ok {
			e = p.inSession(ctx, token, p.call(revision2025November, tool).with(from))
			p.checkExposed(e, origin)
		}
	}
}

func (p *Probe) checkExposed(e exchange, origin string) {
	p.checkAllowed(e, origin)
	for _, name := range []string{"WWW-Authenticate", "Mcp-Session-Id"} {
		p.expect(lists(e, "Access-Control-Expose-Headers", name), e, "%s in Access-Control-Expose-Headers", name)
	}
}

// checkAllowed checks that origin may read the answer, without credentials, and that caches keep the
// answers for different origins apart.
func (p *Probe) checkAllowed(e exchange, origin string) {
	allowed := e.header.Values("Access-Control-Allow-Origin")
	p.expect(len(allowed) == 1 && (allowed[0] == origin || allowed[0] == "*"), e, "one Access-Control-Allow-Origin: %s", origin)
	p.expect(e.header.Get("Access-Control-Allow-Credentials") == "", e, "no Access-Control-Allow-Credentials beside a wildcard or an echoed origin")
	if len(allowed) == 1 && allowed[0] != "*" {
		p.expect(lists(e, "Vary", "Origin") || lists(e, "Vary", "*"), e, "Vary: Origin, since the answer depends on it")
	}
}

// lists reports whether a header that holds a list has this element, without regard to case.
func lists(e exchange, header, element string) bool {
	for _, value := range e.header.Values(header) {
		for item := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(item), element) {
				return true
			}
		}
	}
	return false
}

// hasDirective reports whether Cache-Control has this directive, with or without an argument.
func hasDirective(e exchange, directive string) bool {
	for _, value := range e.header.Values("Cache-Control") {
		for item := range strings.SplitSeq(value, ",") {
			name, _, _ := strings.Cut(strings.TrimSpace(item), "=")
			if strings.EqualFold(name, directive) {
				return true
			}
		}
	}
	return false
}
