package oauth

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed pages.html
var pages string

// errorPage is shown when nobody may be sent back.
type errorPage struct{ Nonce, Code, Description string }

// refuseOnPage tells the person, since the client must not be told.
func (p *Provider) refuseOnPage(w http.ResponseWriter, r *http.Request, event Event, err error) {
	refusal, ok := errors.AsType[*failure](err)
	if !ok {
		refusal = failed(err)
	}
	event.Error = refusal.code
	p.opts.Observe(r, event)
	page := errorPage{Nonce: newNonce(), Code: refusal.code, Description: refusal.description}
	protect(w, contentPolicy(page.Nonce, "'none'"))
	p.render(w, http.StatusBadRequest, "error", page)
}

func (p *Provider) render(w http.ResponseWriter, status int, name string, page any) {
	parsed, err := p.pages()
	var body bytes.Buffer
	if err == nil {
		err = parsed.ExecuteTemplate(&body, name, page)
	}
	if err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the browser is gone if this fails
}

// newNonce marks the one style element that the policy of a page allows.
func newNonce() string { return rand.Text() }

func parsePages() (*template.Template, error) { return template.New("pages").Parse(pages) }

// protect sets the headers of everything a browser shows. policy is the content security policy, empty where
// there is no content.
func protect(w http.ResponseWriter, policy string) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer") // the address of the page holds state and challenge
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	if policy != "" {
		header.Set("Content-Security-Policy", policy)
	}
}

// contentPolicy allows the page's own style and its form, nothing else.
func contentPolicy(nonce, formAction string) string {
	return "default-src 'none'; style-src 'nonce-" + nonce + "'; form-action " + formAction +
		"; base-uri 'none'; frame-ancestors 'none'"
}

// formAction is where the consent form may lead. Chromium applies it to the redirect that answers the form,
// and to every one after that: apps send their user on from the callback, to a page of theirs nobody knows
// here. A policy has no way to write IPv6 addresses and the like; for them it is the scheme.
func formAction(redirectURI string) string {
	const usual = "'self' https: http://localhost:* http://127.0.0.1:*"
	u, err := url.Parse(redirectURI)
	switch {
	case err != nil, u.Scheme == "https":
		return usual
	case u.Scheme == "http" && (strings.EqualFold(u.Hostname(), "localhost") || u.Hostname() == "127.0.0.1"):
		return usual
	}
	return usual + " " + u.Scheme + ":"
}
