package contract

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// parallel is how many requests are under way at one time where many are sent.
const parallel = 8

func checkBadTokens(ctx context.Context, p *Probe) {
	issuer, ok := p.forger("bad tokens")
	if !ok {
		e := p.send(ctx, p.initialize().bearer("not-a-token"))
		p.checkRefusal(e, "invalid_token")
		p.checkUnfitToken(ctx)
		return
	}
	kinds := issuer.BadKinds()
	answers := make([]exchange, len(kinds))
	forEach(len(kinds), parallel, func(i int) { answers[i] = p.sendBad(ctx, issuer, kinds[i]) })
	description := ""
	for _, e := range answers {
		if !sendable(e.request.tokens[0]) && e.is(400) {
			p.checkLeaks(e)
			continue // net/http and others refuse the header before anybody sees the token
		}
		p.checkRefusal(e, "invalid_token")
		params, _ := e.bearerChallenge()
		if description == "" {
			description = params["error_description"]
		}
		p.expect(params["error_description"] == description, e, "the same error_description for every bad token: %q", description)
		p.checkLeaks(e)
	}
}

func (p *Probe) sendBad(ctx context.Context, issuer Issuer, kind string) exchange {
	token, err := issuer.Bad(kind)
	r := p.initialize().bearer(token)
	r.note = "a token of kind " + kind + ": " + issuer.Why(kind)
	switch {
	case err != nil:
		return exchange{request: r, err: err}
	case !sendable(token):
		return p.sendRaw(ctx, r)
	}
	return p.send(ctx, r)
}

// checkLeaks looks in the answer for parts of the token, for its claims and for what JWT libraries say.
// What the server also answers to a request without a token gives nothing away.
func (p *Probe) checkLeaks(e exchange) {
	if e.err != nil {
		return
	}
	text, innocent := e.text(), p.scene.refusal.text()
	for _, secret := range append(tokenParts(e.request.tokens[0]), libraryTexts()...) {
		if strings.Contains(text, secret) && !strings.Contains(innocent, secret) {
			p.fail(e, "nothing of the token and no library's text in the answer; it holds %q", shorten(p.found.hide.scrub(e.request.elide(secret))))
			return
		}
	}
}

// text is the whole answer.
func (e exchange) text() string {
	var b strings.Builder
	_ = e.header.Write(&b) // a strings.Builder takes everything
	return b.String() + string(e.body)
}

// minLeak is the length from which a piece of a token is recognizable.
const minLeak = 8

// tokenParts are the segments of a token and the strings among its claims.
func tokenParts(token string) []string {
	var parts []string
	for segment := range strings.SplitSeq(token, ".") {
		if len(segment) >= minLeak {
			parts = append(parts, segment)
		}
		decoded, err := base64.RawURLEncoding.DecodeString(segment)
		if err != nil {
			continue
		}
		var object map[string]any
		if json.Unmarshal(decoded, &object) == nil {
			parts = append(parts, longStrings(object)...)
		}
	}
	return parts
}

// longStrings are the strings in a JSON value from which it would be recognized.
func longStrings(value any) []string {
	var all []string
	switch v := value.(type) {
	case string:
		if len(v) >= minLeak {
			all = append(all, v)
		}
	case []any:
		for _, element := range v {
			all = append(all, longStrings(element)...)
		}
	case map[string]any:
		for _, element := range v {
			all = append(all, longStrings(element)...)
		}
	}
	return all
}

// libraryTexts are typical of the error messages of JWT, JSON and crypto libraries and of stack traces.
func libraryTexts() []string {
	return []string{
		"crypto/rsa", "verification error", "token is expired", "token is malformed", "token is unverifiable",
		"token has invalid", "token signature", "signature is invalid", "signature verification", "signing method",
		"illegal base64", "invalid character", "unexpected end of JSON", "json:", "cannot unmarshal",
		"no applicable key", "JWSSignature", "JWTClaim", "ERR_J", "jwt expired", "jwt malformed", "jwt audience",
		"invalid signature", "Signature has expired", "Not enough segments", "Invalid crypto padding",
		"Traceback", "node_modules", "goroutine ", ".go:",
	}
}

func checkGoodTokens(ctx context.Context, p *Probe) {
	if p.Issuer == nil {
		p.skip("other forms of tokens: %s", needsIssuer)
		if token, ok := p.mint("a good token", nil); ok {
			e := p.send(ctx, p.initialize().bearer(token))
			p.expect(e.succeeded(), e, "200 with the result of initialize")
		}
		return
	}
	for _, form := range p.goodForms() {
		token, ok := p.mint(form.name, form.claims)
		if !ok {
			continue
		}
		r := p.initialize().bearer(token)
		r.note = "a token with " + form.name
		e := p.send(ctx, r)
		p.expect(e.succeeded(), e, "200 with the result of initialize for a token with %s", form.name)
	}
}

// form is a good token in one of the shapes in which Scalekit issues it.
type form struct {
	name   string
	claims map[string]any
}

func (p *Probe) goodForms() []form {
	env, id, issuer := p.Issuer.Environment(), p.Issuer.ResourceID(), p.Issuer.Issuer()
	forms := []form{
		{"the default claims", nil},
		{"iss " + env, map[string]any{"iss": env}},
		{"iss " + issuer, map[string]any{"iss": issuer}},
		{"aud as a string, the resource id", map[string]any{"aud": id}},
		{"aud as an array, the resource id", map[string]any{"aud": []string{id}}},
		{"aud among others", map[string]any{"aud": []string{"https://elsewhere.example", id}}},
		{"iss and aud of the new form", map[string]any{"iss": issuer, "aud": []string{id}}},
		{"no nbf", map[string]any{"nbf": nil}},
		{"the subject of a machine", map[string]any{"sub": "m2m_70000000000000005"}},
		{"no organization", map[string]any{"oid": nil}},
		{"claims that nobody knows", map[string]any{"sid": "ses_1", "xoid": map[string]any{"a": []int{1}}}},
		{"scope and scopes", map[string]any{"scope": "a b", "scopes": []string{"b", "c"}}},
		{"an empty scope", map[string]any{"scope": "", "scopes": []string{}}},
	}
	audience := p.Audience
	if audience == "" {
		audience = p.URL
	}
	if audience == id {
		return forms
	}
	bare := strings.TrimSuffix(audience, "/")
	return append(forms,
		form{"aud as a string, the Server URL", map[string]any{"aud": audience}},
		form{"aud as an array, the Server URL", map[string]any{"aud": []string{audience}}},
		form{"aud with the Server URL and the resource id", map[string]any{"aud": []string{audience, id}}},
		form{"aud with the Server URL without a trailing slash", map[string]any{"aud": []string{bare}}},
		form{"aud with the Server URL with a trailing slash", map[string]any{"aud": []string{bare + "/"}}},
	)
}

// forEach calls do with 0 to n-1, at most width at one time. A panic in do reaches the caller.
func forEach(n, width int, do func(int)) {
	next := make(chan int)
	panics := make(chan any, width)
	var group sync.WaitGroup
	for range width {
		group.Go(func() {
			defer func() {
				if reason := recover(); reason != nil {
					panics <- reason
					for range next { // the sender must not wait for a worker that is gone
					}
				}
			}()
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
	select {
	case reason := <-panics:
		panic(fmt.Sprint(reason))
	default:
	}
}
