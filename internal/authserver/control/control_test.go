package control_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver/control"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// controlled answers as handler does, at a URL of this machine.
func controlled(t *testing.T, handler http.HandlerFunc) *control.Client {
	t.Helper()
	site := httptest.NewServer(handler)
	t.Cleanup(site.Close)
	client, err := control.New(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestAsksForAToken(t *testing.T) {
	t.Parallel()
	var asked string
	client := controlled(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
		fmt.Fprint(w, `{"access_token":"a.b.c","expires_in":60,"claims":{"sub":"usr_1"}}`)
	})
	none := ""
	token, err := client.Token(t.Context(), control.TokenRequest{Scope: &none, Audience: []string{"x"}, Subject: "usr_1", ExpiresIn: 60, IssuerForm: "resource"})
	if err != nil || token.AccessToken != "a.b.c" || token.ExpiresIn != 60 || string(token.Claims) != `{"sub":"usr_1"}` {
		t.Errorf("got %+v, %v", token, err)
	}
	want := `POST /dev/token application/json {"scope":"","audience":["x"],"subject":"usr_1","expires_in":60,"issuer_form":"resource"}`
	if asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
}

func TestReportsRefusals(t *testing.T) {
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
		{200, `{"access_token":"` + strings.Repeat("a", 16<<20) + `"}`, "not understood"},
	} {
		client := controlled(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://localhost:1/")
			w.WriteHeader(tc.status)
			fmt.Fprint(w, tc.body)
		})
		if _, err := client.Token(t.Context(), control.TokenRequest{}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%d: got %v, want %s", tc.status, err, tc.want)
		}
	}
}

func TestSaysThatNothingAnswers(t *testing.T) {
	t.Parallel()
	port := runtest.Port(t)
	client, err := control.New(fmt.Sprintf("http://localhost:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.BadKinds(t.Context()); !errors.Is(err, control.ErrNotRunning) || !strings.Contains(err.Error(), fmt.Sprintf("localhost:%d", port)) {
		t.Errorf("got %v", err)
	}
}

func TestTalksToThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://acme.scalekit.com", "http://192.0.2.1:3003", "http://localhost@192.0.2.1:3003", "ftp://localhost"} {
		if _, err := control.New(url); err == nil {
			t.Errorf("%s passes for this machine", url)
		}
	}
}

func TestLocalAddress(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]int{
		"http://localhost:3003": 3003, "http://127.0.0.1:4000/": 4000, "http://[::1]:5000": 5000, "http://localhost": 80,
		"https://localhost:3003": 0, "http://acme.scalekit.com": 0, "http://localhost.evil.example": 0, "http://127.0.0.1.evil.example:3003": 0,
		"http://evil@localhost:3003": 0, "http://localhost:3003/env": 0, "http://localhost:3003?x": 0, "http://10.0.0.1:3003": 0, "localhost:3003": 0, "": 0,
	} {
		if _, port, err := control.LocalAddress(url); port != want || (err == nil) != (want > 0) {
			t.Errorf("%s: port %d, %v", url, port, err)
		}
	}
}
