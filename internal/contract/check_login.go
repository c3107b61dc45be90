package contract

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// checkCredentials gets the token that the other checks use.
func checkCredentials(ctx context.Context, p *Probe) {
	credentials := p.target.Credentials
	switch {
	case p.Issuer != nil:
		p.skip("a token by client credentials: the local authorization server makes the tokens")
		return
	case credentials == nil:
		p.skip("a token by client credentials: no client was given")
		return
	case !p.reached():
		return
	case p.scene.chain.doubted:
		// A secret goes nowhere unless everything that leads there is in order.
		p.skip("a token by client credentials: a secret is not sent along a chain that has a break")
		return
	}
	p.scene.hide.add(credentials.Secret)
	e := p.abroad.send(ctx, p.tokenRequest(*credentials))
	var answer struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
	}
	_ = json.Unmarshal(e.body, &answer) // leaves it empty for what is no object
	p.scene.hide.add(answer.Token)
	e.body = errorOnly(e.body)
	if p.expect(e.is(200) && answer.Token != "" && strings.EqualFold(answer.Type, "Bearer"), e, "200 with an access_token, token_type Bearer") {
		p.target.Token = answer.Token
	}
}

// errorOnly is what may be shown of the answer of a token endpoint (RFC 6749 section 5.2).
func errorOnly(body []byte) []byte {
	var refusal struct {
		Error       string `json:"error,omitempty"`
		Description string `json:"error_description,omitempty"`
	}
	_ = json.Unmarshal(body, &refusal) // leaves it empty for what is no object
	return encode(refusal)
}

// tokenRequest is RFC 6749 section 4.4.2, with the resource of RFC 8707.
func (p *Probe) tokenRequest(c Credentials) request {
	server := p.scene.chain.server
	form := url.Values{"grant_type": {"client_credentials"}, "resource": {p.scene.chain.resource.Resource}}
	if c.Scope != "" {
		form.Set("scope", c.Scope)
	}
	r := request{method: "POST", url: server.Token, fields: []field{
		{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"},
	}}
	// RFC 8414 section 2: client_secret_basic is what an absent list means.
	if server.TokenAuth == nil || slices.Contains(server.TokenAuth, "client_secret_basic") {
		pair := url.QueryEscape(c.ClientID) + ":" + url.QueryEscape(c.Secret) // RFC 6749 section 2.3.1
		r.secret = base64.StdEncoding.EncodeToString([]byte(pair))
		r = r.with(field{"Authorization", "Basic " + r.secret})
	} else {
		form.Set("client_id", c.ClientID)
		form.Set("client_secret", c.Secret)
		r.secret = url.QueryEscape(c.Secret)
	}
	r.body = []byte(form.Encode())
	return r
}
