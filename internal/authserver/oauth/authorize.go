package oauth

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxQuery bounds an authorization request in bytes, since it is kept while a person decides.
const maxQuery = 16 << 10

// authorization is a request that may be granted: everything in it has been checked.
type authorization struct {
	client      Registration
	redirectURI string
	state       string
	challenge   string
	resource    string
	scopes      []string
	// ignored are scopes that were asked for and are not offered.
	ignored []string
	// user is the id of the one to suggest.
	user string
}

func (p *Provider) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(r.URL.RawQuery) > maxQuery {
		p.refuseOnPage(w, r, Event{}, refuse(invalidRequest, "the query is malformed, or has more than 16 KiB"))
		return
	}
	client, err := p.asker(r, query)
	if err != nil {
		p.refuseOnPage(w, r, Event{}, err)
		return
	}
	event := Event{ClientID: client.ID}
	request := authorization{client: client, redirectURI: query.Get("redirect_uri"), state: query.Get("state")}
	if err := p.fill(&request, query); err != nil {
		p.sendError(w, r, event, request, err)
		return
	}
	p.opts.Observe(r, event)
	if p.mustAsk(request) {
		p.askForConsent(w, request)
		return
	}
	user, _ := p.user(request.user)
	p.sendCode(w, r, request, user)
}

// mustAsk reports whether a person has to decide. Also with AutoConsent one has to, when a client that
// registered itself wants the answer at a web site: otherwise any site could register, send its visitor here
// and so log in.
func (p *Provider) mustAsk(request authorization) bool {
	_, local := destination(request.redirectURI)
	return !p.opts.AutoConsent || !local && !p.clients.isGiven(request.client.ID)
}

// asker finds the client and checks where it wants people sent back to. When one of them is wrong, nobody may
// be sent anywhere (RFC 6749 section 4.1.2.1).
func (p *Provider) asker(r *http.Request, query url.Values) (Registration, error) {
	for _, name := range []string{"client_id", "redirect_uri"} {
		if values := query[name]; len(values) != 1 || values[0] == "" {
			return Registration{}, refuse(invalidRequest, name+" must be given exactly once")
		}
	}
	client, err := p.lookup(r.Context(), query.Get("client_id"))
	if err != nil {
		return Registration{}, err
	}
	if !client.allows(query.Get("redirect_uri")) {
		return Registration{}, refuse(invalidRequest, "redirect_uri is not registered for this client; it is compared exactly, but for the port of http on loopback")
	}
	return client, nil
}

// fill checks the rest of the request.
func (p *Provider) fill(request *authorization, query url.Values) error {
	if err := checkParameters(query); err != nil {
		return err
	}
	if query.Get("prompt") == "none" && p.mustAsk(*request) {
		return refuse(consentRequired, "prompt is none, but a person must be asked")
	}
	resource, err := p.resource(query["resource"])
	if err != nil {
		return err
	}
	if resource == "" {
		resource = p.opts.ResourceID
	}
	scopes, err := grantScopes(query.Get("scope"), p.own(request.client), identityScopes())
	if err != nil {
		return err
	}
	request.ignored = slices.DeleteFunc(strings.Fields(query.Get("scope")), func(s string) bool { return slices.Contains(scopes, s) })
	request.challenge, request.resource, request.scopes = query.Get("code_challenge"), resource, scopes
	request.user = query.Get("login_hint")
	return nil
}

// checkParameters checks what needs no knowledge of the resource. PKCE with S256 is required (OAuth 2.1
// section 4.1.1; MCP wants it of every client).
func checkParameters(query url.Values) error {
	switch responseType := query.Get("response_type"); {
	case repeated(query) != "":
		return refuse(invalidRequest, "given more than once: "+repeated(query))
	case query.Has("request"):
		return refuse(requestNotSupported, "request objects are not supported")
	case query.Has("request_uri"):
		return refuse(requestURINotSupported, "request_uri is not supported")
	case responseType == "":
		return refuse(invalidRequest, "response_type is missing")
	case responseType != "code":
		return refuse(unsupportedResponse, "response_type must be code")
	case query.Has("response_mode") && query.Get("response_mode") != "query":
		return refuse(invalidRequest, "response_mode must be query")
	case query.Get("code_challenge") == "":
		return refuse(invalidRequest, "code_challenge is missing: PKCE is required")
	case query.Get("code_challenge_method") != "S256":
		return refuse(invalidRequest, "code_challenge_method must be S256")
	case !isChallenge(query.Get("code_challenge")):
		return refuse(invalidRequest, "code_challenge must be a SHA-256 hash in base64url without padding")
	}
	return nil
}

func isChallenge(text string) bool {
	hash, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(hash) == 32
}

// isResource reports whether a resource parameter has the form of RFC 8707 section 2: an absolute URI without
// a fragment.
func isResource(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.IsAbs() && !strings.Contains(value, "#")
}

func trimSlash(text string) string { return strings.TrimSuffix(text, "/") }

// user finds a test user by id or address. Nobody known means the first one.
func (p *Provider) user(name string) (User, bool) {
	i := slices.IndexFunc(p.opts.Users, func(u User) bool { return name != "" && (u.ID == name || u.Email == name) })
	return p.opts.Users[max(i, 0)], i >= 0
}

// sendCode sends the person back with a code.
func (p *Provider) sendCode(w http.ResponseWriter, r *http.Request, request authorization, user User) {
	value := p.grants.issue(code{
		grant: grant{
			ClientID: request.client.ID, Subject: user.ID, Organization: user.Organization,
			Scopes: request.scopes, Resource: request.resource,
		},
		redirectURI: request.redirectURI,
		challenge:   request.challenge,
	})
	p.sendBack(w, r, request, url.Values{"code": {value}})
}

// sendError sends the person back with the refusal.
func (p *Provider) sendError(w http.ResponseWriter, r *http.Request, event Event, request authorization, err error) {
	refusal, ok := errors.AsType[*failure](err)
	if !ok {
		refusal = failed(err)
	}
	event.Error = refusal.code
	p.opts.Observe(r, event)
	p.sendBack(w, r, request, url.Values{"error": {refusal.code}, "error_description": {refusal.description}})
}

// sendBack redirects with the state, and with the issuer, so that a client that uses several authorization
// servers knows which one answered (RFC 9207).
func (p *Provider) sendBack(w http.ResponseWriter, r *http.Request, request authorization, answer url.Values) {
	if request.state != "" {
		answer.Set("state", request.state)
	}
	answer.Set("iss", p.authority.Issuer())
	protect(w, "")
	// 303 makes a browser fetch the redirect URI with GET after the consent form (RFC 9700 section 4.12).
	status := http.StatusFound
	if r.Method == http.MethodPost {
		status = http.StatusSeeOther
	}
	w.Header().Set("Location", withQuery(request.redirectURI, answer))
	w.WriteHeader(status)
}
