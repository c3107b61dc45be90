package contract_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/report"
)

// headerOf is the kid of a token.
func headerOf(t *testing.T, token string) string {
	t.Helper()
	first, _, _ := strings.Cut(token, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(first)
	var header struct{ Kid string }
	if err != nil || json.Unmarshal(decoded, &header) != nil {
		t.Fatalf("no header: %v", err)
	}
	return header.Kid
}

func machine() *contract.Credentials {
	return &contract.Credentials{ClientID: "m2m_1", Secret: machineSecret, Scope: "org:read"}
}

func TestMachineClientGetsTheToken(t *testing.T) {
	t.Parallel()
	for name, methods := range map[string]any{
		"nothing is said":   nil,
		"in the header":     []string{"none", "client_secret_post", "client_secret_basic"},
		"only in the body":  []string{"client_secret_post"},
		"the body is first": []string{"client_secret_post", "client_secret_basic"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, _ := newProduction(t, "", "/mcp", func(p *production) { p.document["token_endpoint_auth_methods_supported"] = methods })
			target.Credentials = machine()
			report := contract.RunChecks(t.Context(), target, everything(), nil)
			if report.Count(contract.Fail) > 0 || report.Requests > 50 {
				t.Errorf("%d requests\n%s", report.Requests, report.Text())
			}
			expectStatus(t, report, contract.Pass, "C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "C13", "C15", "C17", "C18", "C19")
		})
	}
}

func TestRefusedMachineClient(t *testing.T) {
	t.Parallel()
	for _, post := range []bool{false, true} {
		target, p := newProduction(t, "", "/mcp", func(p *production) {
			if post {
				p.document["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
			}
			inner := p.token
			p.token = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Debug", r.PostFormValue("client_secret"))
				inner(w, r)
			}
		})
		target.Credentials = &contract.Credentials{ClientID: "m2m_2", Secret: machineSecret}
		report := contract.RunChecks(t.Context(), target, everything(), nil)
		if failed := failedIDs(report); !slices.Equal(failed, []string{"D6"}) {
			t.Errorf("failed %v", failed)
		}
		text := report.Text()
		if !strings.Contains(text, `401 Unauthorized; Content-Type: text/plain; charset=utf-8; {"error":"invalid_client"}`) || !strings.Contains(text, "$SECRET") {
			t.Errorf("%s", text)
		}
		checkHidden(t, report, machineSecret, "s%26cret", "bTJtXzI6")
		if !p.sawAny("s%26cret", "bTJtXzI6") {
			t.Error("the token endpoint was not asked")
		}
	}
}

func TestSecretIsNotSentAlongABrokenChain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*production){
		"another issuer":         func(p *production) { p.document["issuer"] = p.url },
		"another resource":       func(p *production) { p.resource["resource"] = "https://other.example/mcp" },
		"no https":               func(p *production) { p.document["token_endpoint"] = "http://as.example/oauth/token" },
		"no metadata":            func(p *production) { p.place = "/nowhere" },
		"no authorization entry": func(p *production) { delete(p.resource, "authorization_servers") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, p := newProduction(t, "", "/mcp", change)
			target.Credentials = machine()
			report := contract.RunChecks(t.Context(), target, everything(), nil)
			if d6 := report.Results[25]; d6.ID != "D6" || d6.Status != contract.Skip {
				t.Errorf("%s", d6.Text())
			}
			if p.sawAny("/oauth/token", "m2m_1") {
				t.Error("the secret was sent")
			}
		})
	}
}

// checkHidden wants nothing of the secrets in what can be shown of a report.
func checkHidden(t *testing.T, found contract.Report, secrets ...string) {
	t.Helper()
	document, err := found.JSON()
	if err != nil {
		t.Fatal(err)
	}
	junit, err := report.JUnit(found)
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{
		"text": found.Text(), "remarks": report.Remarks(found), "JSON": string(document),
		"JUnit": string(junit), "annotations": report.Annotations(found),
	} {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in the %s", secret, form)
			}
		}
	}
}

func TestTokenStaysWithTheServerAndOutOfTheReport(t *testing.T) {
	t.Parallel()
	elsewhere := &production{}
	other := httptest.NewServer(elsewhere)
	t.Cleanup(other.Close)
	elsewhere.place = "/metadata"
	target, p := newProduction(t, "", "/mcp", func(p *production) {
		handler := p.server.http.Handler
		// A hostile server: it points everywhere to another host and repeats everything it is told.
		p.server.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			w.Header().Set("X-Debug", token)
			if token != "" {
				w.Header().Set("Location", other.URL+"/mcp?t="+token)
				w.WriteHeader(http.StatusTemporaryRedirect)
				_, _ = w.Write([]byte(token))
				return
			}
			if r.URL.Path == "/health" {
				// It also repeats what it was told before.
				_, _ = fmt.Fprint(w, p.resource["echo"])
				return
			}
			handler.ServeHTTP(w, r)
		})
		elsewhere.document = p.resource
	})
	target.Token = p.mint(t, map[string]any{"email": "ada@lovelace.example"})
	p.resource["echo"] = strings.ReplaceAll(target.Token, ".", " ") + " ada@lovelace.example"
	report := contract.RunChecks(t.Context(), target, everything(), nil)
	segments := strings.Split(target.Token, ".")
	checkHidden(t, report, target.Token, segments[1], segments[2], "ada@lovelace.example")
	if p.sawAny(segments[1], segments[2]) || elsewhere.sawAny(segments...) || len(elsewhere.received) > 0 {
		t.Error("the token left the server under test")
	}
	if health := report.Results[2]; !strings.Contains(health.Text(), "got       200 OK; Content-Type: text/plain; charset=utf-8; … … … …") {
		t.Errorf("%s", health.Text())
	}
}
