package oauth_test

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// asking is a site with a consent page.
func asking(t *testing.T) *site {
	t.Helper()
	return newSite(t, func(o *authserver.Options) { o.AutoConsent = false })
}

// page opens the consent page and returns its text and ticket.
func (s *site) page(client string, changes map[string]string) (text, ticket string, header http.Header) {
	s.t.Helper()
	response := s.get(authorizePath + "?" + request(client, changes).Encode())
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("status %d, %v: %s", response.StatusCode, err, body)
	}
	match := regexp.MustCompile(`name="ticket" value="([^"]+)"`).FindSubmatch(body)
	if match == nil {
		s.t.Fatalf("no ticket in %s", body)
	}
	return string(body), string(match[1]), response.Header
}

func decision(ticket, decision, user string) url.Values {
	return url.Values{"ticket": {ticket}, "decision": {decision}, "user": {user}}
}

func TestConsentPageSaysWhoAsksForWhat(t *testing.T) {
	t.Parallel()
	s := asking(t)
	client := s.register(map[string]any{"client_name": `<b>"Inspector"</b> & co`})
	text, _, header := s.page(client, map[string]string{"scope": "todo:read admin offline_access", "login_hint": "grace@example.com"})
	readable := html.UnescapeString(text)
	for _, want := range []string{
		`<html lang="en">`, "Development server.", `<b>"Inspector"</b> & co asks for access`, "127.0.0.1:6276", "(this computer)", client, serverURL,
		"<code>todo:read</code>", "<code>offline_access</code>", "keep access while you are away", "does not offer it: <code>admin</code>",
		"Ada Lovelace", "grace@example.com", "usr_70000000000000006", "<legend>",
	} {
		if !strings.Contains(readable, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(text, "<b>") || strings.Contains(text, "<script") || strings.Contains(text, " onclick") {
		t.Error("the client's name, or a script, is on the page as it is")
	}
	if !regexp.MustCompile(`value="usr_70000000000000005" required checked`).MatchString(text) || strings.Count(text, " checked") != 1 {
		t.Error("the user of login_hint is not the chosen one")
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestNamesCannotDisguiseThemselves(t *testing.T) {
	t.Parallel()
	s := asking(t)
	text, _, _ := s.page(s.register(map[string]any{"client_name": "\u202eelgooG\u200b\x07\n"}), nil)
	if strings.ContainsAny(text, "\u202e\u200b\x07") || !strings.Contains(text, "elgooG asks for access") {
		t.Error("control characters of the client's name are on the page")
	}
	text, _, _ = s.page(s.register(map[string]any{"client_name": ""}), nil)
	if !strings.Contains(text, "An application without a name asks for access") {
		t.Error("a client without a name is not called one")
	}
}

func TestContentPolicyAllowsTheFormAndItsRedirectOnly(t *testing.T) {
	t.Parallel()
	s := asking(t)
	for uri, want := range map[string]string{
		callback: "", "https://app.example:8443/cb?x=1": "", "http://LOCALHOST/cb": "", "https://a;b,c/cb": "",
		"http://[::1]:7/cb": " http:", "http://127.0.0.2/cb": " http:", "cursor://login/cb": " cursor:", "com.example.app:/cb": " com.example.app:",
	} {
		client := s.register(map[string]any{"redirect_uris": []string{uri}})
		text, _, header := s.page(client, map[string]string{"redirect_uri": uri})
		policy := header.Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`style nonce="([A-Z0-9]+)"`).FindStringSubmatch(text)
		if nonce == nil {
			t.Fatalf("no nonce in %s", text)
		}
		full := "default-src 'none'; style-src 'nonce-" + nonce[1] + "'; form-action 'self' https: http://localhost:* http://127.0.0.1:*" + want + "; base-uri 'none'; frame-ancestors 'none'"
		if policy != full {
			t.Errorf("%s: policy is %q, want %q", uri, policy, full)
		}
	}
	if _, _, header := s.page(s.register(nil), nil); header.Get("Content-Security-Policy") == "" {
		t.Error("no policy")
	}
}

func TestAllowAndDeny(t *testing.T) {
	t.Parallel()
	s := asking(t)
	client := s.register(nil)
	_, ticket, _ := s.page(client, nil)
	answer := s.redirected(s.post(authorizePath, decision(ticket, "allow", "usr_70000000000000006"), nil))
	if answer.Get("state") != "s t/ate" || answer.Get("iss") != issuer {
		t.Errorf("sent back with %v", answer)
	}
	minted := claims(t, object(t, s.post(tokenPath, exchange(client, answer.Get("code"), nil), nil), http.StatusOK))
	if minted["sub"] != "usr_70000000000000006" || minted["oid"] != "org_70000000000000007" {
		t.Errorf("claims are %v", minted)
	}
	_, ticket, _ = s.page(client, nil)
	response := s.post(authorizePath, decision(ticket, "deny", ""), nil)
	if answer := s.redirected(response); answer.Get("error") != "access_denied" || answer.Has("code") || answer.Get("state") != "s t/ate" {
		t.Errorf("denied with %v", answer)
	}
	if response.StatusCode != http.StatusSeeOther {
		t.Errorf("status %d after a POST", response.StatusCode)
	}
}

func TestDecisionIsRefused(t *testing.T) {
	t.Parallel()
	s := asking(t)
	client := s.register(nil)
	ada := authserver.DefaultSubject
	for name, tc := range map[string]struct {
		form   func(ticket string) url.Values
		change func(*http.Request)
	}{
		"no ticket":      {func(string) url.Values { return decision("", "allow", ada) }, nil},
		"made-up ticket": {func(string) url.Values { return decision("AAAA", "allow", ada) }, nil},
		"no decision":    {func(ticket string) url.Values { return decision(ticket, "", ada) }, nil},
		"unknown user":   {func(ticket string) url.Values { return decision(ticket, "allow", "usr_1") }, nil},
		"no user":        {func(ticket string) url.Values { return decision(ticket, "allow", "") }, nil},
		"two users": {func(ticket string) url.Values {
			form := decision(ticket, "allow", ada)
			form.Add("user", "usr_1")
			return form
		}, nil},
		"another site": {func(ticket string) url.Values { return decision(ticket, "allow", ada) },
			func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }},
		"another port": {func(ticket string) url.Values { return decision(ticket, "allow", ada) },
			func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }},
		"in the URL": {func(string) url.Values { return url.Values{} }, func(r *http.Request) {
			_, ticket, _ := s.page(client, nil)
			r.URL.RawQuery = decision(ticket, "allow", ada).Encode()
		}},
	} {
		_, ticket, _ := s.page(client, nil)
		response := s.post(authorizePath, tc.form(ticket), tc.change)
		if response.StatusCode != http.StatusBadRequest || response.Header.Get("Location") != "" {
			t.Errorf("%s: status %d, sent to %q", name, response.StatusCode, response.Header.Get("Location"))
		}
	}
}

func TestTicketIsGoodOnceAndForTenMinutes(t *testing.T) {
	t.Parallel()
	s := asking(t)
	client := s.register(nil)
	form := func(ticket string) url.Values { return decision(ticket, "allow", authserver.DefaultSubject) }
	sameOrigin := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }
	_, ticket, _ := s.page(client, nil)
	s.clock.advance(10*time.Minute - time.Second)
	s.redirected(s.post(authorizePath, form(ticket), sameOrigin))
	if status := s.post(authorizePath, form(ticket), sameOrigin).StatusCode; status != http.StatusBadRequest {
		t.Errorf("a ticket was good twice: status %d", status)
	}
	_, ticket, _ = s.page(client, nil)
	s.clock.advance(10 * time.Minute)
	if status := s.post(authorizePath, form(ticket), sameOrigin).StatusCode; status != http.StatusBadRequest {
		t.Errorf("a ticket was good after ten minutes: status %d", status)
	}
}

func TestPromptNoneNeedsAutoConsent(t *testing.T) {
	t.Parallel()
	s := asking(t)
	changes := map[string]string{"prompt": "none"}
	answer := s.redirected(s.get(authorizePath + "?" + request(s.register(nil), changes).Encode()))
	if answer.Get("error") != "consent_required" {
		t.Errorf("sent back with %v", answer)
	}
	unattended := newSite(t, nil)
	unattended.code(unattended.register(nil), changes)
}

// TestAutoConsentIsNotForWebSites wants a person asked when a web site has registered itself.
func TestAutoConsentIsNotForWebSites(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	site := "https://evil.example/cb"
	client := s.register(map[string]any{"redirect_uris": []string{callback, site, "com.example.app:/cb"}})
	for uri, asked := range map[string]bool{callback: false, "com.example.app:/cb": false, site: true} {
		response := s.get(authorizePath + "?" + request(client, map[string]string{"redirect_uri": uri}).Encode())
		if got := response.StatusCode == http.StatusOK; got != asked {
			t.Errorf("%s: status %d", uri, response.StatusCode)
		}
	}
	answer := s.redirected(s.get(authorizePath + "?" + request(client, map[string]string{"redirect_uri": site, "prompt": "none"}).Encode()))
	if answer.Get("error") != "consent_required" {
		t.Errorf("sent back with %v", answer)
	}
	s.code("m2m_2", map[string]string{"redirect_uri": "https://app.example/cb?tenant=1"})
}

func TestErrorPageEscapesAndAllowsNothing(t *testing.T) {
	t.Parallel()
	response := newSite(t, nil).do(httptest.NewRequest(http.MethodGet, authorizePath+"?client_id=%3Cscript%3E&redirect_uri=x", nil))
	body, err := io.ReadAll(response.Body)
	policy := response.Header.Get("Content-Security-Policy")
	if err != nil || strings.Contains(string(body), "<script") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "form-action 'none'") {
		t.Errorf("policy %q, %v: %s", policy, err, body)
	}
}
