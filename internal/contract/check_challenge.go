package contract

import (
	"context"
	"strings"
)

func checkChallenge(ctx context.Context, p *Probe) {
	plain := p.initialize()
	get := p.at(p.path())
	get.url = p.URL
	requests := []request{plain, get}
	for _, value := range []string{
		"", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Basic", "Digest username=\"u\"", "Token abc", "Bearerabc", "abc",
	} {
		requests = append(requests, plain.with(field{"Authorization", value}))
	}
	for _, r := range few(p, 3, requests...) {
		e := p.send(ctx, r)
		p.checkRefusal(e, "")
		if e.is(401) {
			params, _ := e.bearerChallenge()
			p.expect(hasAll(params["scope"], p.target.BaselineScopes), e, "scope=%q", strings.Join(p.target.BaselineScopes, " "))
		}
	}
}

// checkRefusal checks a 401. code is the error parameter, empty where there must be none.
func (p *Probe) checkRefusal(e exchange, code string) {
	if !p.expect(e.is(401), e, "401") {
		return
	}
	params, ok := e.bearerChallenge()
	if !p.expect(ok, e, "one WWW-Authenticate challenge, Bearer") {
		return
	}
	p.expect(params["realm"] == "OAuth", e, `realm="OAuth"`)
	location := params["resource_metadata"]
	p.expect(strings.HasPrefix(location, "http://") || strings.HasPrefix(location, "https://"), e, "resource_metadata with an absolute URL")
	got, present := params["error"]
	if code == "" {
		p.expect(!present, e, "no error parameter: the request had no token (RFC 6750 section 3.1)")
	} else {
		p.expect(got == code, e, "error=%q", code)
		p.expect(params["error_description"] != "", e, "an error_description")
	}
	p.expect(e.isJSON() && len(e.body) > 0, e, "a JSON body")
}

func hasAll(scope string, wanted []string) bool {
	return len(union(strings.Fields(scope), wanted)) == len(strings.Fields(scope))
}

func checkCredential(ctx context.Context, p *Probe) {
	if !p.disposableToken() {
		p.checkSchemes(ctx)
		return
	}
	token, ok := p.mint("credentials in the wrong place", p.allScopes())
	if !ok {
		return
	}
	for _, scheme := range []string{"Bearer", "bearer", "BEARER", "bEaReR"} {
		e := p.send(ctx, p.initialize().hiding(token).with(field{"Authorization", scheme + " " + token}))
		p.expect(e.succeeded(), e, "200: schemes are compared without regard to case")
	}
	for _, r := range p.misplaced(token) {
		e := p.send(ctx, r)
		p.expect(e.is(401), e, "401: the token is not in the Authorization header")
	}
	for _, r := range p.repeated(token) {
		e := p.sendAlone(ctx, r)
		p.expect(e.is(400, 401), e, "400 or 401: more than one credential")
	}
}

// disposableToken reports whether a token may be sent where it can end up in a log.
func (p *Probe) disposableToken() bool {
	if p.Issuer == nil {
		p.skip("credentials in the wrong place: would write a real token into the server's logs")
		return false
	}
	return true
}

// misplaced are requests with the token anywhere but in the Authorization header.
func (p *Probe) misplaced(token string) []request {
	query := p.initialize().hiding(token)
	query.url += "?access_token=" + token
	bare := p.initialize().hiding(token)
	bare.url += "?token=" + token
	form := request{method: "POST", url: p.URL, body: []byte("access_token=" + token), fields: []field{
		{"Content-Type", "application/x-www-form-urlencoded"},
		{"Accept", "application/json, text/event-stream"},
	}}
	hidden := p.initialize().hiding(token)
	return []request{
		query,
		bare,
		form.hiding(token),
		hidden.with(field{"Cookie", "access_token=" + token}),
		hidden.with(field{"X-Authorization", "Bearer " + token}),
		hidden.with(field{"Proxy-Authorization", "Bearer " + token}),
	}
}

// repeated are requests with more than one credential.
func (p *Probe) repeated(token string) []request {
	good := field{"Authorization", "Bearer " + token}
	bad := field{"Authorization", "Bearer not-a-token"}
	basic := field{"Authorization", "Basic dXNlcjpwYXNz"}
	r := p.initialize().hiding(token)
	one := func(value string) request { return r.with(field{"Authorization", value}) }
	query := r.with(bad)
	query.url += "?access_token=" + token
	return []request{
		r.with(good, good),
		r.with(good, bad),
		r.with(bad, good),
		r.with(basic, good),
		r.with(good, basic),
		one("Bearer " + token + ", Bearer " + token),
		one("Bearer " + token + " " + token),
		one("Bearer " + token + " Bearer " + token),
		one("Basic dXNlcjpwYXNz, Bearer " + token),
		one("Bearer Bearer " + token),
		query,
	}
}
