package oauth

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// consentPage is what the page shows.
type consentPage struct {
	Nonce    string
	Client   string // its name; empty when it has none
	ClientID string
	Target   string // where the answer goes: a host, or the scheme of an app
	Local    bool   // the answer goes to this computer
	Resource string
	Scopes   []scopeLine
	Ignored  []string
	Users    []User
	Chosen   string // the id of the user to suggest
	Ticket   string
	Action   string
}

// scopeLine is a scope with what it allows, empty for one that only the resource can explain.
type scopeLine struct{ Name, Meaning string }

// askForConsent shows the page. Its form holds a ticket for exactly this request, good for one answer.
func (p *Provider) askForConsent(w http.ResponseWriter, request authorization) {
	ticket := rand.Text()
	p.tickets.put(hash(ticket), request)
	target, local := destination(request.redirectURI)
	chosen, _ := p.user(request.user)
	resource := p.opts.ServerURL
	if resource == "" {
		resource = p.opts.ResourceID
	}
	page := consentPage{
		Nonce:    newNonce(),
		Client:   printable(request.client.Name),
		ClientID: request.client.ID,
		Target:   target,
		Local:    local,
		Resource: resource,
		Scopes:   explain(request.scopes),
		Ignored:  request.ignored,
		Users:    p.opts.Users,
		Chosen:   chosen.ID,
		Ticket:   ticket,
		Action:   "/resources/" + url.PathEscape(p.opts.ResourceID) + "/oauth/authorize",
	}
	protect(w, contentPolicy(page.Nonce, formAction(request.redirectURI)))
	p.render(w, http.StatusOK, "consent", page)
}

// serveDecision answers the consent form.
func (p *Provider) serveDecision(w http.ResponseWriter, r *http.Request) {
	request, allowed, user, err := p.decision(w, r)
	event := Event{ClientID: request.client.ID}
	switch {
	case err != nil:
		p.refuseOnPage(w, r, event, err)
	case !allowed:
		p.sendError(w, r, event, request, refuse(accessDenied, "the user denied the request"))
	default:
		p.opts.Observe(r, event)
		p.sendCode(w, r, request, user)
	}
}

// decision reads the form. A form that another page submits is refused, whatever ticket it has got hold of.
func (p *Provider) decision(w http.ResponseWriter, r *http.Request) (request authorization, allowed bool, user User, err error) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return request, false, user, refuse(invalidRequest, "the form was sent from another page")
	}
	if err := readForm(w, r); err != nil {
		return request, false, user, err
	}
	request, found := p.tickets.take(hash(r.PostForm.Get("ticket")))
	if !found {
		return request, false, user, refuse(invalidRequest, "this page was answered already, or is too old: start again in the application")
	}
	user, known := p.user(r.PostForm.Get("user"))
	switch decision := r.PostForm.Get("decision"); {
	case decision == "deny":
		return request, false, user, nil
	case decision != "allow", !known:
		return request, false, user, refuse(invalidRequest, "the form must say allow or deny, and which user")
	}
	return request, true, user, nil
}

// destination is where a redirect URI leads, in words a person can check, and whether that is this computer.
func destination(redirectURI string) (name string, local bool) {
	u, err := url.Parse(redirectURI)
	if err != nil {
		return redirectURI, false
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return u.Scheme + ":", true
	}
	return u.Host, Loopback(u.Hostname())
}

func explain(scopes []string) []scopeLine {
	meanings := map[string]string{
		"openid":      "know who you are",
		"profile":     "see your name",
		"email":       "see your email address",
		offlineAccess: "keep access while you are away",
	}
	lines := make([]scopeLine, 0, len(scopes))
	for _, scope := range scopes {
		lines = append(lines, scopeLine{Name: scope, Meaning: meanings[scope]})
	}
	return lines
}

// printable drops characters that could make a name look like something else on the page.
func printable(name string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return -1
	}, name))
}
