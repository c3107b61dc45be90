package contract_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
)

func TestClientsKeepToTheirHosts(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	local := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.URL.Path)
	}))
	t.Cleanup(local.Close)
	here, elsewhere := contract.Site{URL: local.URL + "/mcp"}, contract.Site{URL: "https://mcp.example/mcp"}
	if err := contract.SendHome(t.Context(), here, local.URL+"/home"); err != nil {
		t.Error(err)
	}
	if err := contract.SendHome(t.Context(), elsewhere, local.URL+"/token"); err == nil {
		t.Error("a token was sent to another host")
	}
	if err := contract.SendAbroad(t.Context(), here, local.URL+"/abroad"); err != nil {
		t.Error(err)
	}
	if err := contract.SendAbroad(t.Context(), elsewhere, local.URL+"/rebound"); err == nil {
		t.Error("a public server's chain was followed to this machine")
	}
	if !slices.Equal(got, []string{"/home", "/abroad"}) {
		t.Errorf("received %v", got)
	}
}

// TestNothingIsAskedTwiceOrForged looks at everything that reaches a server in production.
func TestNothingIsAskedTwiceOrForged(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen, bodies := map[string]int{}, ""
	target, p := newProduction(t, "", "/mcp", func(p *production) {
		handler := p.server.http.Handler
		p.server.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			var header strings.Builder
			_ = r.Header.Write(&header)
			mu.Lock()
			seen[r.Method+" "+r.Host+r.URL.String()+"\n"+header.String()+"\n"+string(body)]++
			bodies += string(body) + "\n"
			mu.Unlock()
			handler.ServeHTTP(w, r)
		})
	})
	target.Token = p.mint(t, nil)
	contract.RunChecks(t.Context(), target, everything(), nil)
	segments := strings.Split(target.Token, ".")
	for request, n := range seen {
		if n > 1 {
			t.Errorf("sent %d times: %s", n, request)
		}
		for line := range strings.Lines(request) {
			credential, found := strings.CutPrefix(strings.TrimSpace(line), "Authorization: ")
			_, token, _ := strings.Cut(credential, " ")
			if found && token != "" && token != "not-a-token" && !strings.HasPrefix(token, segments[0]+"."+segments[1]+".") {
				t.Errorf("sent %q", credential)
			}
		}
		if line, _, _ := strings.Cut(request, "\n"); strings.Contains(line, segments[1]) {
			t.Errorf("the token is in the URL: %s", line)
		}
	}
	if len(seen) < 20 || strings.Contains(bodies, "tools/call\",\"params\"") || strings.Contains(bodies, segments[1]) {
		t.Errorf("%d requests, and among them a call or a token: %s", len(seen), bodies)
	}
}

func TestBothIssuersAndEveryAudienceOfAServerFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		form   authserver.IssuerForm
		claims map[string]any
	}{
		{"the environment's issuer", authserver.EnvironmentIssuer, nil},
		{"the resource's issuer", authserver.ResourceIssuer, nil},
		{"the id alone", authserver.ResourceIssuer, map[string]any{"aud": authserver.DefaultResourceID}},
		{"no nbf", authserver.ResourceIssuer, map[string]any{"nbf": nil}},
	} {
		target, p := newProduction(t, "", "/mcp", func(*production) {})
		p.issuer.UseIssuer(c.form)
		target.Token = p.mint(t, c.claims)
		expectStatus(t, contract.RunChecks(t.Context(), target, contract.Discovery(), nil), contract.Pass, "D6")
	}
	target, p := newProduction(t, "", "/mcp", func(*production) {})
	target.Token = p.mint(t, map[string]any{"aud": target.URL + "/"})
	expectStatus(t, contract.RunChecks(t.Context(), target, contract.Discovery(), nil), contract.Pass, "D6")
}

func TestAnEmptyPathIsTheRoot(t *testing.T) {
	t.Parallel()
	target, _ := newProduction(t, "", "/", func(*production) {})
	target.URL = strings.TrimSuffix(target.URL, "/")
	if got := outcome(contract.RunChecks(t.Context(), target, contract.Discovery(), nil)); got != "ppppp" {
		t.Errorf("got %s", got)
	}
	target, _ = newProduction(t, "", "/mcp", func(*production) {})
	target.URL += "/"
	if got := outcome(contract.RunChecks(t.Context(), target, contract.Discovery(), nil)); got != "pFppp" {
		t.Errorf("got %s: a path with a slash is another one", got)
	}
}

func TestTokenInAnyAnswerOfTheTokenEndpointIsHidden(t *testing.T) {
	t.Parallel()
	const opaque = "gho_16C7e42F292c6912E7710c838347Ae178B4a"
	for name, body := range map[string]string{
		"a form":       "access_token=" + opaque + "&token_type=bearer",
		"another type": `{"access_token":"` + opaque + `","token_type":"mac","refresh_token":"r-` + opaque + `"}`,
		"nothing else": `{"refresh_token":"` + opaque + `"}`,
	} {
		target, _ := newProduction(t, "", "/mcp", func(p *production) {
			p.token = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
		})
		target.Credentials = machine()
		report := contract.RunChecks(t.Context(), target, contract.Discovery(), nil)
		if report.Results[5].Status != contract.Fail {
			t.Errorf("%s: %s", name, report.Text())
		}
		checkHidden(t, report, opaque)
	}
}

func TestToolsThatAreGoneOrDestructiveAreNotCalled(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "", "/mcp")
	target.PublicTool.Name, target.ScopedTool.Name = "gone", "gone-too"
	expectStatus(t, contract.RunChecks(t.Context(), target, only("C10", "C11", "C12", "C19"), nil), contract.Pass)
	var mu sync.Mutex
	var called []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message struct {
			Method string
			Params struct{ Name string }
		}
		_ = json.NewDecoder(r.Body).Decode(&message)
		w.Header().Set("Content-Type", "application/json")
		switch message.Method {
		case "tools/list":
			_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":2,"result":{"tools":[
				{"name":"wipe","annotations":{"destructiveHint":true},"inputSchema":{}},{"name":"look","inputSchema":{}}]}}`)
		case "tools/call":
			mu.Lock()
			called = append(called, message.Params.Name)
			mu.Unlock()
			_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":2,"result":{"content":[]}}`)
		}
	}))
	t.Cleanup(server.Close)
	target.URL, target.NewSite = server.URL+"/mcp", nil
	contract.RunChecks(t.Context(), target, only("C12", "C13"), nil)
	if !slices.Contains(called, "look") || slices.Contains(called, "wipe") {
		t.Errorf("called %v", called)
	}
}

func TestOnlyTheFirstAuthorizationServerIsFollowed(t *testing.T) {
	t.Parallel()
	target, _ := newProduction(t, "", "/mcp", func(p *production) {
		p.resource["authorization_servers"] = []string{p.issuer.Issuer(), "https://another.example"}
	})
	report := contract.RunChecks(t.Context(), target, contract.Discovery(), nil)
	if d2 := report.Results[1]; outcome(report) != "p-ppp" || !strings.Contains(d2.Text(), "1 more of authorization_servers") {
		t.Errorf("%s", report.Text())
	}
}
