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
		refusal = refuse(serverError, "the authorization server failed")
	}
	event.Error = refusal.code
	p.opts.Observe(r, event)
	page := errorPage{Nonce: newNonce(), Code: refusal.code, Description: refusal.description}
	protect(w, contentPolicy(page.Nonce, ""))
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

// contentPolicy allows the page's own style and its form, nothing else. Chromium applies form-action also to
// the redirect that answers the form, so the redirect URI has to be in it.
func contentPolicy(nonce, redirectURI string) string {
	action := "'none'"
	if redirectURI != "" {
		action = "'self' " + policySource(redirectURI)
	}
	return "default-src 'none'; style-src 'nonce-" + nonce + "'; form-action " + action +
		"; base-uri 'none'; frame-ancestors 'none'"
}

// policySource is the origin of a URI as a policy can name it. It has no way to write an IPv6 address or the
// like; then it is the scheme.
func policySource(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	plain := strings.Trim(strings.ToLower(u.Host), "abcdefghijklmnopqrstuvwxyz0123456789.-:") == "" && u.Host != ""
	if (u.Scheme == "http" || u.Scheme == "https") && plain {
		return u.Scheme + "://" + u.Host
	}
	return u.Scheme + ":"
}
