//go:build unix

package oauth_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// app is a client that waits for its callback at a port of its own.
type app struct {
	server   *authserver.Server
	callback string
	answers  chan url.Values
}

func newApp(t *testing.T, redirect func(http.ResponseWriter, *http.Request)) *app {
	t.Helper()
	a := &app{answers: make(chan url.Values, 10)}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/callback" {
			http.NotFound(w, r)
			return
		}
		a.answers <- r.URL.Query()
		redirect(w, r)
	}))
	t.Cleanup(listener.Close)
	a.callback = listener.URL + "/callback"
	a.server = authserver.New(authserver.Options{
		ServerURL: serverURL, Scopes: []string{"todo:read", "todo:write"},
		Clients: []authserver.Client{{ID: "m2m_5", Name: "MCP Inspector", RedirectURIs: []string{a.callback}}},
	})
	if err := a.server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.server.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func (a *app) authorize() string {
	query := request("m2m_5", map[string]string{"redirect_uri": a.callback, "scope": "todo:read todo:write offline_access admin"})
	return a.server.Issuer() + "/oauth/authorize?" + query.Encode()
}

// subject exchanges the code of an answer and returns who logged in.
func (a *app) subject(t *testing.T, answer url.Values) any {
	t.Helper()
	form := exchange("m2m_5", answer.Get("code"), map[string]string{"redirect_uri": a.callback})
	response, err := http.PostForm(a.server.Issuer()+"/oauth/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return claims(t, object(t, response, http.StatusOK))["sub"]
}

func TestConsentInABrowserByKeyboard(t *testing.T) {
	t.Parallel()
	browser := newChromium(t)
	a := newApp(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<title>logged in</title>") })
	browser.open(a.authorize())
	picture(t, browser, "consent")
	browser.tab()
	browser.await("radio", `document.activeElement.type`)
	browser.down()
	browser.await("usr_70000000000000005", `document.querySelector("input:checked").value`)
	if outline := browser.eval(`getComputedStyle(document.activeElement.closest("label")).outlineWidth`); outline != "3px" {
		t.Errorf("the focused user has an outline of %v", outline)
	}
	browser.tab()
	browser.await("Allow", `document.activeElement.textContent`)
	if outline := browser.eval(`getComputedStyle(document.activeElement).outlineWidth`); outline != "3px" {
		t.Errorf("the focused button has an outline of %v", outline)
	}
	browser.enter()
	browser.await("logged in", `document.title`)
	answer := <-a.answers
	if answer.Get("iss") != a.server.Issuer() || a.subject(t, answer) != "usr_70000000000000005" {
		t.Errorf("the app was called with %v", answer)
	}
	if len(browser.console) > 0 {
		t.Errorf("the console says %q", browser.console)
	}
}

func TestDenyInABrowser(t *testing.T) {
	t.Parallel()
	browser := newChromium(t)
	a := newApp(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<title>denied</title>") })
	browser.open(a.authorize())
	browser.eval(`document.querySelector("button.deny").click()`)
	browser.await("denied", `document.title`)
	if answer := <-a.answers; answer.Get("error") != "access_denied" {
		t.Errorf("the app was called with %v", answer)
	}
}

// TestAppMayRedirectOn wants an app to be able to send its user on from the callback, to another origin.
func TestAppMayRedirectOn(t *testing.T) {
	t.Parallel()
	browser := newChromium(t)
	end := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<title>the end</title>") }))
	t.Cleanup(end.Close)
	a := newApp(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, end.URL, http.StatusFound) })
	browser.open(a.authorize())
	browser.eval(`document.querySelector("button.allow").click()`)
	browser.await("the end", `document.title`)
}

func TestConsentPageFitsANarrowWindowAndTheDark(t *testing.T) {
	t.Parallel()
	browser := newChromium(t)
	a := newApp(t, func(http.ResponseWriter, *http.Request) {})
	for _, scheme := range []string{"light", "dark"} {
		browser.prefer(scheme)
		for _, width := range []int{320, 1280} {
			browser.resize(width, 900)
			browser.open(a.authorize())
			if over := browser.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`); over != 0.0 {
				t.Errorf("at %d pixels the page is %v too wide", width, over)
			}
			picture(t, browser, scheme+"-"+strings.Repeat("narrow", width/320%2)+strings.Repeat("wide", width/1280))
		}
		background := browser.eval(`getComputedStyle(document.body).backgroundColor`)
		if dark := background == "rgb(20, 23, 28)"; dark != (scheme == "dark") {
			t.Errorf("%s: the background is %v", scheme, background)
		}
	}
	browser.open(strings.Replace(a.authorize(), "m2m_5", "m2m_6", 1))
	picture(t, browser, "refused")
}

// picture saves what the page looks like, for a person, in the directory that MCPAUTH_PICTURES names.
func picture(t *testing.T, browser *chromium, name string) {
	t.Helper()
	dir := os.Getenv("MCPAUTH_PICTURES")
	if dir == "" {
		return
	}
	encoded, _ := browser.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true})["data"].(string)
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}
