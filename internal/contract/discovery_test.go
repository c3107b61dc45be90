package contract_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
)

func everything() []contract.Check { return append(contract.Checks(), contract.Discovery()...) }

func (p *production) mint(t *testing.T, claims map[string]any) string {
	t.Helper()
	token, err := p.issuer.Mint(claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// outcome is one letter for each check of the discovery chain, D1 to D5.
func outcome(report contract.Report) string {
	var letters strings.Builder
	for _, result := range report.Results[:5] {
		letters.WriteString(map[contract.Status]string{contract.Pass: "p", contract.Fail: "F", contract.Skip: "-"}[result.Status])
	}
	return letters.String()
}

// statusInsteadOf401 answers with another status where the server would challenge.
func statusInsteadOf401(status int) func(*production) {
	return func(p *production) {
		handler := p.server.http.Handler
		p.server.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handler.ServeHTTP(otherStatus{w, status}, r)
		})
	}
}

type otherStatus struct {
	http.ResponseWriter
	status int
}

func (w otherStatus) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		status = w.status
	}
	w.ResponseWriter.WriteHeader(status)
}

// hide lets a path of the server answer 404.
func (p *production) hide(path string) {
	handler := p.server.http.Handler
	p.server.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			http.NotFound(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

func TestChainIsFollowedAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	set := func(name string, value any) func(*production) {
		return func(p *production) { p.document[name] = value }
	}
	publish := func(name string, value any) func(*production) {
		return func(p *production) { p.resource[name] = value }
	}
	at := func(place string) func(*production) { return func(p *production) { p.place = place } }
	const path = "/resources/res_70000000000000001"
	for _, c := range []struct {
		name, broken string
		change       func(*production)
		want         string // D1 to D5
		says         string // what the first failure, or else the first skip, names
	}{
		{"all is well", "", func(*production) {}, "ppppp", ""},
		{"OpenID metadata with the path inserted", "", at("/.well-known/openid-configuration" + path), "ppppp", ""},
		{"OpenID metadata after the path", "", at(path + "/.well-known/openid-configuration"), "ppppp", ""},
		{"a challenge that names nothing", "challenge-bare", func(*production) {}, "Fpppp", "has resource_metadata"},
		{"no challenge", "challenge-none", func(*production) {}, "Fpppp", "401"},
		{"a challenge with another status", "", statusInsteadOf401(403), "Fpppp", "403 Forbidden"},
		{"metadata only at the root", "challenge-bare", func(p *production) { p.hide(wellKnownRoot + "/mcp") }, "Fpppp", "has resource_metadata"},
		{"metadata behind a token", "metadata-hidden", func(*production) {}, "F----", "401 Unauthorized"},
		{"metadata that is not there", "inserted-missing", func(*production) {}, "F----", "404 Not Found"},
		{"another resource", "", publish("resource", "https://other.example/mcp"), "pFppp", "other.example"},
		{"no bearer header", "", publish("bearer_methods_supported", []string{"body"}), "pFppp", `"body"`},
		{"no authorization server", "", publish("authorization_servers", []string{}), "pF---", "at least one"},
		{"a well-known URL as issuer", "", publish("authorization_servers", []string{"http://127.0.0.1:1/.well-known/openid-configuration"}), "pF---", "not the issuer"},
		{"an issuer without https", "", publish("authorization_servers", []string{"http://as.example"}), "pF---", "not https"},
		{"an issuer with a query", "", publish("authorization_servers", []string{"https://as.example/?a=b"}), "pF---", "query"},
		{"an issuer with credentials", "", publish("authorization_servers", []string{"https://u:p@as.example"}), "pF---", "holds credentials"},
		{"an issuer that is no URL", "", publish("authorization_servers", []string{"as.example"}), "pF---", "absolute"},
		{"no metadata of the authorization server", "", at("/nowhere"), "ppF--", "/.well-known/openid-configuration" + path + " or "},
		{"another issuer in the metadata", "", func(p *production) { p.document["issuer"] = p.url }, "ppFpp", "the entry of authorization_servers"},
		{"no S256", "", set("code_challenge_methods_supported", []string{"plain"}), "pppFp", "S256"},
		{"no PKCE", "", set("code_challenge_methods_supported", nil), "pppFp", "S256"},
		{"no code", "", set("response_types_supported", []string{"token"}), "pppFp", `"code"`},
		{"no registration", "", set("registration_endpoint", nil), "pppFp", "client_id_metadata_document_supported"},
		{"metadata documents instead of registration", "", func(p *production) {
			p.document["registration_endpoint"], p.document["client_id_metadata_document_supported"] = nil, true
		}, "ppppp", ""},
		{"no authorization endpoint", "", set("authorization_endpoint", nil), "pppFp", "authorization_endpoint with an https URL"},
		{"a token endpoint without https", "", set("token_endpoint", "http://as.example/token"), "pppFp", "token_endpoint with an https URL"},
		{"no keys", "", set("jwks_uri", nil), "ppppF", "jwks_uri"},
		{"keys that are not there", "", func(p *production) { p.document["jwks_uri"] = p.url + "/none" }, "ppppF", "404"},
		{"an empty set of keys", "", func(p *production) { p.keys = `{"keys":[]}` }, "ppppF", "at least one RSA key"},
		{"a key of another kind", "", func(p *production) { p.keys = `{"keys":[{"kty":"EC","kid":"1"}]}` }, "ppppF", "at least one RSA key"},
		{"a short key", "", func(p *production) {
			p.keys = `{"keys":[{"kty":"RSA","kid":"1","n":"` + strings.Repeat("A", 171) + `"}]}`
		}, "ppppF", "2048"},
		{"a key for encryption", "", func(p *production) {
			p.keys = `{"keys":[{"kty":"RSA","use":"enc","kid":"1","n":"` + strings.Repeat("A", 342) + `"}]}`
		}, "ppppF", "2048"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target, _ := newProduction(t, c.broken, "/mcp", c.change)
			report := contract.RunChecks(t.Context(), target, contract.Discovery(), nil)
			if got := outcome(report); got != c.want || !strings.Contains(report.Text(), c.says) {
				t.Errorf("got %s, want %s with %q: %s", got, c.want, c.says, report.Text())
			}
			for _, result := range report.Results[:5] {
				if result.Status == contract.Fail && !strings.HasPrefix(result.Failures[0].Request, "curl ") {
					t.Errorf("no request: %s", result.Text())
				}
				if result.Status == contract.Skip && !strings.Contains(result.Skipped[0], "the chain ends at D") {
					t.Errorf("%s", result.Text())
				}
			}
		})
	}
}

func TestChainOfAPublicServerDoesNotComeBackToThisMachine(t *testing.T) {
	t.Parallel()
	public := contract.Site{URL: "https://mcp.example/mcp"}
	for address, want := range map[string]bool{
		"https://as.example/resources/res_1":  true,
		"https://mcp.example/.well-known/x":   true,
		"http://as.example":                   false,
		"https://127.0.0.1/":                  false,
		"https://localhost/":                  false,
		"https://a.localhost/":                false,
		"https://[::1]/":                      false,
		"file:///etc/passwd":                  false,
		"https://user@as.example":             false,
		"https://as.example/#fragment":        false,
		"/relative":                           false,
		"":                                    false,
		"gopher://as.example":                 false,
		"https:///nohost":                     false,
		"http://169.254.169.254/latest":       false,
		"http://mcp.example/another/scheme":   false,
		"https://mcp.example:8443/other/port": true,
	} {
		if err := contract.Followable(public, address); (err == nil) != want {
			t.Errorf("%q: %v", address, err)
		}
	}
	inside := contract.Site{URL: "http://10.0.0.5:3002/mcp"}
	for address, want := range map[string]bool{"http://10.0.0.5:3002/.well-known/x": true, "http://10.0.0.5:3003/": false} {
		if err := contract.Followable(inside, address); (err == nil) != want {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{"127.0.0.1:443", "169.254.169.254:443", "[::1]:443", "[fe80::1]:443", "0.0.0.0:443", "[::ffff:127.0.0.1]:443", "[::ffff:0.0.0.0]:443"} {
		if err := contract.Dialable(public, address); err == nil {
			t.Errorf("%s was dialled", address)
		}
	}
	if err := contract.Dialable(public, "192.0.2.1:443"); err != nil {
		t.Error(err)
	}
}

func TestBudgetHoldsInProduction(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/mcp", "/"} {
		target, p := newProduction(t, "", path, func(*production) {})
		target.Token = p.mint(t, nil)
		report := contract.RunChecks(t.Context(), target, everything(), nil)
		t.Logf("%s: %d requests", path, report.Requests)
		if report.Requests > 50 || report.Count(contract.Fail) > 0 {
			t.Errorf("%d requests\n%s", report.Requests, report.Text())
		}
		if strings.Contains(report.Text(), "budget") {
			t.Errorf("cut short:\n%s", report.Text())
		}
		may := []string{"C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "C13", "C15", "C17", "C18", "C19", "D6"}
		expectStatus(t, report, contract.Pass, may...)
	}
}

// TestNothingPassesForWantOfBudget walks with every budget there is. What the smaller one left out must not
// be a pass unless the whole check was done with it: a server that breaks everything it can late is the proof.
func TestNothingPassesForWantOfBudget(t *testing.T) {
	t.Parallel()
	target, p := newProduction(t, "", "/mcp", func(*production) {})
	target.Token = p.mint(t, nil)
	whole := contract.RunChecks(t.Context(), target, everything(), nil)
	for limit := 1; limit < whole.Requests; limit++ {
		target.MaxRequests = limit
		report := contract.RunChecks(t.Context(), target, everything(), nil)
		if report.Requests != limit {
			t.Errorf("%d requests, %d were allowed", report.Requests, limit)
		}
		if report.Count(contract.Fail) > 0 {
			t.Errorf("with %d requests %v failed", limit, failedIDs(report))
		}
		if cut := strings.Count(report.Text(), "the request budget is used up"); cut == 0 {
			t.Errorf("with %d of %d requests nothing was cut short", limit, whole.Requests)
		}
	}
}

func TestOwnTokenIsJudgedBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		claims map[string]any
		says   []string
	}{
		{"another audience", map[string]any{"aud": []string{"https://api.example"}}, []string{`aud "https://api.example"`, "res_70000000000000001"}},
		{"credentials of the environment", map[string]any{"aud": "skc_70000000000000009", "client_id": "skc_70000000000000009"}, []string{"aud", "environment's own credentials", "m2m_"}},
		{"another issuer", map[string]any{"iss": "https://other.example"}, []string{`iss "https://other.example"`}},
		{"expired", map[string]any{"exp": 1_000_000_000}, []string{"exp in the future", "it expired "}},
		{"no expiry", map[string]any{"exp": nil}, []string{"exp in the future", "none"}},
		{"too early", map[string]any{"nbf": 4_000_000_000}, []string{"nbf in the past"}},
		{"nobody", map[string]any{"sub": nil}, []string{"sub with the caller"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target, p := newProduction(t, "", "/mcp", func(*production) {})
			target.Token = p.mint(t, c.claims)
			report := contract.RunChecks(t.Context(), target, everything(), nil)
			text := report.Text()
			if failed := failedIDs(report); !slices.Equal(failed, []string{"D7"}) {
				t.Errorf("failed %v, want D7 alone:\n%s", failed, text)
			}
			for _, part := range append(c.says, "the access token is not for this server, see D7") {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in\n%s", part, text)
				}
			}
		})
	}
}

func failedIDs(report contract.Report) []string {
	var ids []string
	for _, result := range report.Results {
		if result.Status == contract.Fail {
			ids = append(ids, result.ID)
		}
	}
	return ids
}

func TestServerThatTakesATokenForOthersFails(t *testing.T) {
	t.Parallel()
	target, p := newProduction(t, "token-any-audience", "/mcp", func(*production) {})
	target.Token = p.mint(t, map[string]any{"aud": "https://api.example"})
	if failed := failedIDs(contract.RunChecks(t.Context(), target, everything(), nil)); !slices.Equal(failed, []string{"C5", "D7"}) {
		t.Errorf("failed %v", failed)
	}
}

// TestWhatIsFoundInProduction wants the requirement to fail that a server breaks, as far as it shows without forging.
func TestWhatIsFoundInProduction(t *testing.T) {
	t.Parallel()
	for broken, id := range map[string]string{
		"token-signature": "C5", "leak-token": "C5", "credential-case": "C6", "credential-first": "C6",
		"health-text": "C3", "challenge-text": "C4", "host-any": "C14", "cors-not-exposed": "C15", "redirect": "C16",
		"session": "C19", "revision-old-only": "C19", "revision-mismatch": "C19", "cache-scope": "C20",
	} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			target, p := newProduction(t, broken, "/mcp", func(*production) {})
			target.Token = p.mint(t, nil)
			report := contract.RunChecks(t.Context(), target, everything(), nil)
			if failed := failedIDs(report); !slices.Contains(failed, id) || report.Requests > 50 || strings.Contains(report.Text(), "budget") {
				t.Errorf("failed %v after %d requests, want %s", failed, report.Requests, id)
			}
		})
	}
}

func TestTokenOfAnotherAlgorithm(t *testing.T) {
	t.Parallel()
	target, p := newProduction(t, "", "/mcp", func(*production) {})
	good := p.mint(t, nil)
	_, rest, _ := strings.Cut(good, ".")
	header := `{"alg":"HS256","kid":"` + headerOf(t, good) + `"}`
	target.Token = base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + rest
	report := contract.RunChecks(t.Context(), target, everything(), nil)
	if !slices.Equal(failedIDs(report), []string{"D7"}) || !strings.Contains(report.Text(), "a token signed with RS256") {
		t.Errorf("%s", report.Text())
	}
}

func TestTokenOfAWithdrawnKeyAndOpaqueToken(t *testing.T) {
	t.Parallel()
	target, p := newProduction(t, "", "/mcp", func(*production) {})
	target.Token = p.mint(t, nil)
	p.issuer.Rotate()
	p.issuer.Withdraw(headerOf(t, target.Token))
	report := contract.RunChecks(t.Context(), target, contract.Discovery(), nil)
	if !slices.Equal(failedIDs(report), []string{"D7"}) || !strings.Contains(report.Text(), "a kid that jwks_uri publishes") {
		t.Errorf("%s", report.Text())
	}
	target.Token = "8d1f0a2c9b7e"
	report = contract.RunChecks(t.Context(), target, contract.Discovery(), nil)
	if result := report.Results[6]; result.Status != contract.Skip || !strings.Contains(result.Skipped[0], "opaque") {
		t.Errorf("%s", result.Text())
	}
}
