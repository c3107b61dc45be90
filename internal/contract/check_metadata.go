package contract

import (
	"context"
	"encoding/json"
	"mime"
	"reflect"
	"strings"
)

// wellKnown is the root location of protected resource metadata (RFC 9728 section 3).
const wellKnown = "/.well-known/oauth-protected-resource"

func checkMetadata(ctx context.Context, p *Probe) {
	p.checkDocument(ctx, wellKnown)
	preflight := p.at(wellKnown).with(field{"Origin", "https://client.example"}, field{"Access-Control-Request-Method", "GET"})
	preflight.method = "OPTIONS"
	e := p.send(ctx, preflight)
	p.expect(e.is(204), e, "204")
	p.expect(e.header.Get("Access-Control-Allow-Origin") == "*", e, "Access-Control-Allow-Origin: *")
}

func checkInsertedMetadata(ctx context.Context, p *Probe) {
	location := wellKnown + p.path()
	if p.path() != "" {
		p.checkDocument(ctx, location)
	}
	advertised := p.advertised(ctx, p.initialize())
	if advertised == "" {
		return
	}
	want := p.origin() + location
	e := p.send(ctx, request{method: "GET", url: advertised})
	if advertised != want {
		e.request.note = "the resource_metadata of the challenge"
		p.fail(e, "the challenge names %s", want)
	}
	p.expect(e.is(200), e, "200 at the location that the challenge names")
	for _, spoof := range few(p, 1,
		[]field{{"X-Forwarded-Host", "evil.example"}, {"X-Forwarded-Proto", "https"}},
		[]field{{"Forwarded", "host=evil.example;proto=https"}},
	) {
		r := p.initialize().with(spoof...)
		if got := p.advertised(ctx, r); got != "" && got != advertised {
			p.observe(r.curl(), "the same resource_metadata as without these headers: "+advertised, got)
		}
	}
}

// advertised is the resource_metadata of the challenge that answers r.
func (p *Probe) advertised(ctx context.Context, r request) string {
	e := p.send(ctx, r)
	params, _ := e.bearerChallenge()
	location := params["resource_metadata"]
	p.expect(location != "", e, "a Bearer challenge with resource_metadata")
	return location
}

// checkDocument checks the metadata at path: GET and HEAD, type, CORS and content.
func (p *Probe) checkDocument(ctx context.Context, path string) {
	get := p.send(ctx, p.at(path).with(field{"Origin", "https://client.example"}))
	if !p.expect(get.is(200), get, "200 without a token") {
		return
	}
	p.expect(get.isJSON(), get, "Content-Type: application/json")
	p.expect(get.header.Get("Access-Control-Allow-Origin") == "*", get, "Access-Control-Allow-Origin: *")
	p.expect(get.header.Get("Access-Control-Allow-Credentials") == "", get, "no Access-Control-Allow-Credentials")
	p.checkFields(get)
	r := p.at(path)
	r.method = "HEAD"
	head := p.send(ctx, r)
	p.expect(head.is(200) && head.isJSON() && len(head.body) == 0, head, "200 application/json without a body")
}

// checkFields compares the document with what was configured or, when that is unknown, with the URL.
func (p *Probe) checkFields(e exchange) {
	var document map[string]any
	if err := json.Unmarshal(e.body, &document); err != nil {
		p.fail(e, "a JSON object")
		return
	}
	if p.Metadata == nil {
		p.expect(document["resource"] == p.URL, e, "resource %q: clients compare it with the URL they were given", p.URL)
		servers, _ := document["authorization_servers"].([]any)
		p.expect(len(servers) > 0, e, "at least one of authorization_servers")
		return
	}
	var configured map[string]any
	if err := json.Unmarshal(p.Metadata, &configured); err != nil {
		p.observe("", "the configured metadata is a JSON object", err.Error())
		return
	}
	for name, want := range configured {
		if !reflect.DeepEqual(document[name], want) {
			p.fail(e, "%s as configured: %s", name, encode(want))
		}
	}
}

func (e exchange) isJSON() bool {
	kind, _, err := mime.ParseMediaType(e.header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

func checkHealth(ctx context.Context, p *Probe) {
	get := p.send(ctx, p.health())
	if p.target.OwnHealth {
		p.expect(!get.is(401, 403), get, "the program's own answer, without a token")
		return
	}
	if !p.expect(get.is(200), get, "200 without a token") {
		return
	}
	var health map[string]any
	healthy := json.Unmarshal(get.body, &health) == nil && health["status"] == "healthy"
	p.expect(healthy && get.isJSON(), get, `application/json with {"status":"healthy"}`)
	r := p.health()
	r.method = "HEAD"
	head := p.send(ctx, r)
	p.expect(head.is(200), head, "200 without a token")
}

func checkRedirects(ctx context.Context, p *Probe) {
	paths := []string{p.path() + "/"}
	if p.path() != "" {
		paths = append(paths, p.path())
	}
	token, err := p.token(nil)
	for _, path := range paths {
		post := p.initialize()
		post.url = p.origin() + path
		requests := []request{post, p.at(path)}
		if err == nil {
			requests = []request{post.bearer(token), post, p.at(path), p.at(path).bearer(token)}
		}
		for _, r := range few(p, 1, requests...) {
			e := p.send(ctx, r)
			p.expect(e.err != nil || e.status < 300 || e.status > 399, e, "no redirect")
		}
	}
	if err != nil {
		return
	}
	e := p.send(ctx, p.initialize().bearer(token))
	p.expect(e.succeeded(), e, "200 with the result of initialize at the MCP URL itself")
	if strings.HasSuffix(p.URL, "/") && p.path() != "" {
		p.skip("the path without a slash: the MCP URL ends in one")
	}
}
