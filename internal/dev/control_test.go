package dev_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// controlled answers as handler does, at a URL of this machine.
func controlled(t *testing.T, handler http.HandlerFunc) *dev.Control {
	t.Helper()
	site := httptest.NewServer(handler)
	t.Cleanup(site.Close)
	control, err := dev.NewControl(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	return control
}

func TestControlAsksForAToken(t *testing.T) {
	t.Parallel()
	var asked string
	control := controlled(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
		fmt.Fprint(w, `{"access_token":"a.b.c","expires_in":60,"claims":{"sub":"usr_1"}}`)
	})
	none := ""
	token, err := control.Token(t.Context(), dev.TokenRequest{Scope: &none, Audience: []string{"x"}, Subject: "usr_1", ExpiresIn: 60, IssuerForm: "resource"})
	if err != nil || token.AccessToken != "a.b.c" || token.ExpiresIn != 60 || string(token.Claims) != `{"sub":"usr_1"}` {
		t.Errorf("got %+v, %v", token, err)
	}
	want := `POST /dev/token application/json {"scope":"","audience":["x"],"subject":"usr_1","expires_in":60,"issuer_form":"resource"}`
	if asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
}

func TestControlReportsRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status     int
		body, want string
	}{
		{400, `{"error":"invalid_request","error_description":"no such kind"}`, "refused with 400: no such kind"},
		{403, "no web pages \x1b[2J", "refused with 403: no web pages  [2J"},
		{404, "", "is not mcpauth dev"},
		{302, "", "refused with 302"},
		{200, "<html>", "not understood"},
		{200, "{}", "holds none"},
		{200, `{"access_token":"` + strings.Repeat("a", 1<<20) + `"}`, "not understood"},
	} {
		control := controlled(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://localhost:1/")
			w.WriteHeader(tc.status)
			fmt.Fprint(w, tc.body)
		})
		if _, err := control.Token(t.Context(), dev.TokenRequest{}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%d: got %v, want %s", tc.status, err, tc.want)
		}
	}
}

func TestControlSaysThatNothingAnswers(t *testing.T) {
	t.Parallel()
	port := runtest.Port(t)
	control, err := dev.NewControl(fmt.Sprintf("http://localhost:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := control.BadKinds(t.Context()); !errors.Is(err, dev.ErrNotRunning) || !strings.Contains(err.Error(), fmt.Sprintf("localhost:%d", port)) {
		t.Errorf("got %v", err)
	}
}

func TestControlTalksToThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://acme.scalekit.com", "http://192.0.2.1:3003", "http://localhost@192.0.2.1:3003", "ftp://localhost"} {
		if _, err := dev.NewControl(url); err == nil {
			t.Errorf("%s passes for this machine", url)
		}
	}
}
