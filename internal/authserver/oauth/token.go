package oauth

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// Grant types (RFC 6749 sections 4.1.3, 6 and 4.4.2).
const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
	grantClient  = "client_credentials"
)

// maxForm bounds a form in bytes.
const maxForm = 64 << 10

// tokenResponse is the answer of RFC 6749 section 5.1. It always names the scope, which may be less than what
// was asked for.
type tokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope"`
}

func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) {
	var event Event
	answer, err := p.token(w, r, &event)
	if err != nil {
		refusal, ok := errors.AsType[*failure](err)
		if ok && refusal.code == invalidClient && r.Header.Get("Authorization") != "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="OAuth"`) // RFC 6749 section 5.2
		}
		p.refuse(w, r, event, err)
		return
	}
	p.opts.Observe(r, event)
	writeJSON(w, http.StatusOK, answer)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request, event *Event) (tokenResponse, error) {
	if err := readForm(w, r); err != nil {
		return tokenResponse{}, err
	}
	handlers := map[string]func(*http.Request, Registration) (tokenResponse, error){
		grantCode: p.exchangeCode, grantRefresh: p.refresh, grantClient: p.clientCredentials,
	}
	kind := r.PostForm.Get("grant_type")
	handle, found := handlers[kind]
	switch {
	case kind == "":
		return tokenResponse{}, refuse(invalidRequest, "grant_type is missing")
	case !found:
		event.Grant = "other"
		return tokenResponse{}, refuse(unsupportedGrantType, "grant_type must be authorization_code, refresh_token or client_credentials")
	}
	event.Grant = kind
	client, err := p.authenticate(r)
	if err != nil {
		return tokenResponse{}, err
	}
	event.ClientID = client.ID
	if client.machine() != (kind == grantClient) {
		return tokenResponse{}, refuse(unauthorizedClient, "client_credentials is for clients without redirect URIs, and for those only")
	}
	return handle(r, client)
}

// readForm reads the body. Parameters in the URL are never looked at: they end up in logs.
func readForm(w http.ResponseWriter, r *http.Request) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return refuse(invalidRequest, "the body must be application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return refuse(invalidRequest, "the body is no form of 64 KiB at most")
	}
	if names := repeated(r.PostForm); names != "" {
		return refuse(invalidRequest, "given more than once: "+names)
	}
	return nil
}

func (p *Provider) exchangeCode(r *http.Request, client Registration) (tokenResponse, error) {
	form := r.PostForm
	for _, name := range []string{"code", "code_verifier", "redirect_uri"} {
		if form.Get(name) == "" {
			return tokenResponse{}, refuse(invalidRequest, name+" is missing")
		}
	}
	resource, err := p.resource(form["resource"])
	if err != nil {
		return tokenResponse{}, err
	}
	granted, refresh, err := p.grants.redeem(form.Get("code"), exchange{
		clientID: client.ID, redirectURI: form.Get("redirect_uri"), verifier: form.Get("code_verifier"), resource: resource,
	})
	if err := errors.Join(err, p.opts.Changed()); err != nil {
		return tokenResponse{}, err
	}
	return p.respond(granted, refresh)
}

// refresh may narrow the scope of the access token it gives. The scope of the refresh token stays as it is
// (RFC 6749 section 6), but what the resource does not offer any more is not granted.
func (p *Provider) refresh(r *http.Request, client Registration) (tokenResponse, error) {
	form := r.PostForm
	if form.Get("refresh_token") == "" {
		return tokenResponse{}, refuse(invalidRequest, "refresh_token is missing")
	}
	resource, err := p.resource(form["resource"])
	if err != nil {
		return tokenResponse{}, err
	}
	scopes, err := parseScope(form.Get("scope"))
	if err != nil {
		return tokenResponse{}, err
	}
	granted, refresh, err := p.grants.rotate(form.Get("refresh_token"), client.ID, func(g grant) error {
		if resource != "" && resource != g.Resource {
			return refuse(invalidTarget, "resource is not the one of the refresh token")
		}
		if slices.ContainsFunc(scopes, func(scope string) bool { return !slices.Contains(g.Scopes, scope) }) {
			return refuse(invalidScope, "a refresh token cannot get more scopes than were granted with it")
		}
		return nil
	})
	if err := errors.Join(err, p.opts.Changed()); err != nil {
		return tokenResponse{}, err
	}
	if len(scopes) > 0 {
		granted.Scopes = scopes
	}
	granted.Scopes = intersect(granted.Scopes, slices.Concat(p.own(client), identityScopes()))
	return p.respond(granted, refresh)
}

// clientCredentials gives a client a token for itself: sub is the client, as with Scalekit.
func (p *Provider) clientCredentials(r *http.Request, client Registration) (tokenResponse, error) {
	if client.public() {
		return tokenResponse{}, refuse(unauthorizedClient, "client_credentials needs a client with a secret")
	}
	if _, err := p.resource(r.PostForm["resource"]); err != nil {
		return tokenResponse{}, err
	}
	scopes, err := grantScopes(r.PostForm.Get("scope"), p.own(client), nil)
	if err != nil {
		return tokenResponse{}, err
	}
	return p.respond(grant{ClientID: client.ID, Subject: client.ID, Scopes: scopes}, "")
}

func (p *Provider) respond(granted grant, refresh string) (tokenResponse, error) {
	scope := strings.Join(granted.Scopes, " ")
	claims := map[string]any{
		"sub": granted.Subject, "client_id": granted.ClientID, "scope": scope, "scopes": append([]string{}, granted.Scopes...),
	}
	if granted.Organization != "" {
		claims["oid"] = granted.Organization
	}
	token, err := p.authority.Mint(claims)
	if err != nil {
		return tokenResponse{}, err
	}
	return tokenResponse{
		AccessToken: token, TokenType: "Bearer", ExpiresIn: int(p.opts.Lifetime.Seconds()), RefreshToken: refresh, Scope: scope,
	}, nil
}

// resource checks the resource parameter (RFC 8707) and returns the resource meant: empty when none was named.
// The id and the Server URL mean the same; of the URL one trailing slash may differ, as clients add one to an
// origin. Where no Server URL is registered, nobody knows the right one, and aud does not depend on it.
func (p *Provider) resource(values []string) (string, error) {
	meant := ""
	for _, value := range values {
		named := value
		switch {
		case value == "":
			continue
		case value == p.opts.ResourceID, p.opts.ServerURL != "" && trimSlash(value) == trimSlash(p.opts.ServerURL):
			named = p.opts.ResourceID
		case p.opts.ServerURL != "" || !isResource(value):
			return "", refuse(invalidTarget, "resource must be the Server URL or the id of the registered resource")
		}
		if meant != "" && meant != named {
			return "", refuse(invalidTarget, "a token is for one resource")
		}
		meant = named
	}
	return meant, nil
}
