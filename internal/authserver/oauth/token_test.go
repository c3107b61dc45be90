package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

func TestCodeIsExchangedForAToken(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *authserver.Options) { o.Lifetime = 5 * time.Minute })
	client := s.register(nil)
	for _, path := range []string{tokenPath, "/oauth/token"} {
		response := s.post(path, exchange(client, s.code(client, nil), nil), nil)
		if got := response.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control is %q", got)
		}
		answer := object(t, response, http.StatusOK)
		if answer["token_type"] != "Bearer" || answer["expires_in"] != 300.0 || answer["scope"] != "todo:read" {
			t.Errorf("answer is %v", answer)
		}
		if token, found := answer["refresh_token"]; found {
			t.Errorf("got a refresh token without offline_access: %v", token)
		}
		minted := claims(t, answer)
		if minted["sub"] != authserver.DefaultSubject || minted["client_id"] != client || minted["iss"] != environment || minted["oid"] != authserver.DefaultOrganization {
			t.Errorf("claims are %v", minted)
		}
	}
}

func TestCodeIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client, other := s.register(nil), s.register(nil)
	for name, tc := range map[string]struct {
		changes map[string]string
		code    string
		used    bool // the attempt uses the code up
	}{
		"another client":        {map[string]string{"client_id": other}, "invalid_grant", true},
		"another redirect URI":  {map[string]string{"redirect_uri": "http://127.0.0.1:1/oauth/callback"}, "invalid_grant", true},
		"another verifier":      {map[string]string{"code_verifier": verifier + "x"}, "invalid_grant", true},
		"the challenge instead": {map[string]string{"code_verifier": challenge()}, "invalid_grant", true},
		"foreign resource":      {map[string]string{"resource": "https://other.example/"}, "invalid_target", false},
		"no verifier":           {map[string]string{"code_verifier": ""}, "invalid_request", false},
		"no redirect URI":       {map[string]string{"redirect_uri": ""}, "invalid_request", false},
		"no code":               {map[string]string{"code": ""}, "invalid_request", false},
		"made-up code":          {map[string]string{"code": "code_AAAA"}, "invalid_grant", false},
	} {
		t.Run(name, func(t *testing.T) {
			code := s.code(client, nil)
			refused(t, s.post(tokenPath, exchange(client, code, tc.changes), nil), http.StatusBadRequest, tc.code)
			again := s.post(tokenPath, exchange(client, code, nil), nil)
			if tc.used {
				refused(t, again, http.StatusBadRequest, "invalid_grant")
				return
			}
			object(t, again, http.StatusOK)
		})
	}
}

func TestCodeLivesAMinute(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	code := s.code(client, nil)
	s.clock.advance(59 * time.Second)
	object(t, s.post(tokenPath, exchange(client, code, nil), nil), http.StatusOK)
	code = s.code(client, nil)
	s.clock.advance(time.Minute)
	refused(t, s.post(tokenPath, exchange(client, code, nil), nil), http.StatusBadRequest, "invalid_grant")
}

func TestSecondUseOfACodeRevokesItsRefreshToken(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	code := s.code(client, map[string]string{"scope": "todo:read offline_access"})
	answer := object(t, s.post(tokenPath, exchange(client, code, nil), nil), http.StatusOK)
	s.clock.advance(2 * time.Minute) // the code has expired, but is remembered
	refused(t, s.post(tokenPath, exchange(client, code, nil), nil), http.StatusBadRequest, "invalid_grant")
	refused(t, s.post(tokenPath, refreshing(client, answer, nil), nil), http.StatusBadRequest, "invalid_grant")
}

func TestOnlyTheNewestCodesAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	first, second := s.code(client, nil), s.code(client, nil)
	for range 999 {
		s.code(client, nil)
	}
	refused(t, s.post(tokenPath, exchange(client, first, nil), nil), http.StatusBadRequest, "invalid_grant")
	object(t, s.post(tokenPath, exchange(client, second, nil), nil), http.StatusOK)
}

func TestTokenRequestIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	for name, tc := range map[string]struct {
		form   url.Values
		change func(*http.Request)
		code   string
	}{
		"empty":            {url.Values{}, nil, "invalid_request"},
		"password grant":   {url.Values{"grant_type": {"password"}}, nil, "unsupported_grant_type"},
		"no client":        {url.Values{"grant_type": {"authorization_code"}, "code": {"x"}}, nil, "invalid_request"},
		"JSON body":        {exchange(client, "x", nil), func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, "invalid_request"},
		"no content type":  {exchange(client, "x", nil), func(r *http.Request) { r.Header.Del("Content-Type") }, "invalid_request"},
		"parameters twice": {url.Values{"grant_type": {"authorization_code", "refresh_token"}}, nil, "invalid_request"},
		"in the URL": {url.Values{}, func(r *http.Request) {
			form(r)
			r.URL.RawQuery = exchange(client, "x", nil).Encode()
		}, "invalid_request"},
		"too large":           {url.Values{"grant_type": {strings.Repeat("x", 65<<10)}}, nil, "invalid_request"},
		"no refresh token":    {url.Values{"grant_type": {"refresh_token"}, "client_id": {client}}, nil, "invalid_request"},
		"people's client":     {url.Values{"grant_type": {"client_credentials"}, "client_id": {client}}, nil, "unauthorized_client"},
		"machine with a code": {exchange("m2m_1", "x", map[string]string{"client_secret": machine().Secret}), nil, "unauthorized_client"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, s.post(tokenPath, tc.form, tc.change), http.StatusBadRequest, tc.code)
		})
	}
}

func TestOnlyFormsAreRead(t *testing.T) {
	t.Parallel()
	response := newSite(t, nil).post(tokenPath, url.Values{}, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
	document := object(t, response, http.StatusBadRequest)
	if description, _ := document["error_description"].(string); !strings.Contains(description, "application/x-www-form-urlencoded") {
		t.Errorf("a JSON body is refused with %q", description)
	}
}

func basic(id, secret string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret)) }
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	secret := machine().Secret
	for name, tc := range map[string]struct {
		form   url.Values
		change func(*http.Request)
		scope  string
	}{
		"basic":            {url.Values{}, basic("m2m_1", secret), "todo:read"},
		"basic and id":     {url.Values{"client_id": {"m2m_1"}}, basic("m2m_1", secret), "todo:read"},
		"post":             {url.Values{"client_id": {"m2m_1"}, "client_secret": {secret}}, nil, "todo:read"},
		"one scope":        {url.Values{"scope": {"todo:read"}}, basic("m2m_1", secret), "todo:read"},
		"more than it has": {url.Values{"scope": {"todo:read todo:write offline_access elsewhere"}}, basic("m2m_1", secret), "todo:read"},
		"resource":         {url.Values{"resource": {serverURL}}, basic("m2m_1", secret), "todo:read"},
	} {
		for _, path := range []string{tokenPath, "/oauth/token"} {
			tc.form.Set("grant_type", "client_credentials")
			answer := object(t, s.post(path, tc.form, tc.change), http.StatusOK)
			minted := claims(t, answer)
			if answer["scope"] != tc.scope || minted["scope"] != tc.scope || answer["refresh_token"] != nil {
				t.Errorf("%s: answer is %v", name, answer)
			}
			if minted["sub"] != "m2m_1" || minted["client_id"] != "m2m_1" {
				t.Errorf("%s: claims are %v", name, minted)
			}
		}
	}
}

func TestClientCredentialsAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	secret := machine().Secret
	for name, tc := range map[string]struct {
		form   url.Values
		change func(*http.Request)
		status int
		code   string
	}{
		"wrong secret, basic":   {url.Values{}, basic("m2m_1", "wrong"), http.StatusUnauthorized, "invalid_client"},
		"wrong secret, post":    {url.Values{"client_id": {"m2m_1"}, "client_secret": {"wrong"}}, nil, http.StatusUnauthorized, "invalid_client"},
		"empty secret":          {url.Values{"client_id": {"m2m_1"}, "client_secret": {""}}, nil, http.StatusUnauthorized, "invalid_client"},
		"no secret":             {url.Values{"client_id": {"m2m_1"}}, nil, http.StatusUnauthorized, "invalid_client"},
		"unknown client":        {url.Values{}, basic("m2m_9", secret), http.StatusUnauthorized, "invalid_client"},
		"secret of another":     {url.Values{}, basic("m2m_1", web().Secret), http.StatusUnauthorized, "invalid_client"},
		"two ways":              {url.Values{"client_secret": {secret}}, basic("m2m_1", secret), http.StatusBadRequest, "invalid_request"},
		"two ids":               {url.Values{"client_id": {"m2m_2"}}, basic("m2m_1", secret), http.StatusBadRequest, "invalid_request"},
		"another scheme":        {url.Values{}, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, http.StatusUnauthorized, "invalid_client"},
		"not form-encoded":      {url.Values{}, func(r *http.Request) { r.SetBasicAuth("m2m_1", "%zz") }, http.StatusUnauthorized, "invalid_client"},
		"scope it has not":      {url.Values{"scope": {"todo:write"}}, basic("m2m_1", secret), http.StatusBadRequest, "invalid_scope"},
		"foreign resource":      {url.Values{"resource": {"https://x.example/"}}, basic("m2m_1", secret), http.StatusBadRequest, "invalid_target"},
		"client with redirects": {url.Values{}, basic("m2m_2", web().Secret), http.StatusBadRequest, "unauthorized_client"},
	} {
		tc.form.Set("grant_type", "client_credentials")
		response := s.post("/oauth/token", tc.form, tc.change)
		refused(t, response, tc.status, tc.code)
		wanted := tc.change != nil && tc.status == http.StatusUnauthorized
		if challenged := response.Header.Get("WWW-Authenticate") != ""; challenged != wanted {
			t.Errorf("%s: WWW-Authenticate is %q", name, response.Header.Get("WWW-Authenticate"))
		}
	}
}

func TestPublicMachineGetsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *authserver.Options) { o.Clients = []authserver.Client{{ID: "m2m_4"}} })
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"m2m_4"}}
	refused(t, s.post(tokenPath, form, nil), http.StatusBadRequest, "unauthorized_client")
}

func TestConfidentialClientMustAuthenticateForACode(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	code := s.code("m2m_2", nil)
	refused(t, s.post(tokenPath, exchange("m2m_2", code, nil), nil), http.StatusUnauthorized, "invalid_client")
	object(t, s.post(tokenPath, exchange("m2m_2", code, nil), basic("m2m_2", web().Secret)), http.StatusOK)
	public := s.register(nil)
	withSecret := exchange(public, s.code(public, nil), map[string]string{"client_secret": "x"})
	refused(t, s.post(tokenPath, withSecret, nil), http.StatusUnauthorized, "invalid_client")
}

// BenchmarkTokenEndpoint measures client credentials from request to answer. Aim: 1,000 tokens a second on two cores.
func BenchmarkTokenEndpoint(b *testing.B) {
	server := authserver.New(authserver.Options{Environment: environment, Clients: []authserver.Client{machine()}, Scopes: []string{"todo:read"}})
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {machine().ID}, "client_secret": {machine().Secret}}.Encode()
	if _, err := server.Mint(nil); err != nil { // generates the key
		b.Fatal(err)
	}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			request := httptest.NewRequest(http.MethodPost, "http://localhost/oauth/token", strings.NewReader(form))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			recorder := httptest.NewRecorder()
			if server.ServeHTTP(recorder, request); recorder.Code != http.StatusOK {
				b.Error(recorder.Code, recorder.Body)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
