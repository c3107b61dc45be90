package oauth_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

func TestAuthorizationSendsBackCodeStateAndIssuer(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	response := s.get(authorizePath + "?" + request(client, nil).Encode())
	answer := s.redirected(response)
	if answer.Get("code") == "" || answer.Get("state") != "s t/ate" || answer.Get("iss") != issuer || len(answer) != 3 {
		t.Errorf("sent back with %v", answer)
	}
	if location := response.Header.Get("Location"); !strings.HasPrefix(location, callback+"?") {
		t.Errorf("sent back to %s", location)
	}
	header := response.Header
	if header.Get("Cache-Control") != "no-store" || header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers are %v", header)
	}
	if answer := s.redirected(s.get(authorizePath + "?" + request(client, map[string]string{"state": ""}).Encode())); answer.Has("state") {
		t.Errorf("a state came back that nobody sent: %v", answer)
	}
}

func TestRedirectKeepsTheQueryOfTheRedirectURI(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	response := s.get(authorizePath + "?" + request("m2m_2", map[string]string{"redirect_uri": "https://app.example/cb?tenant=1"}).Encode())
	if location := response.Header.Get("Location"); !strings.HasPrefix(location, "https://app.example/cb?tenant=1&code=") {
		t.Errorf("sent back to %s", location)
	}
}

func TestRefusalsThatGoBackToTheClient(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	for name, tc := range map[string]struct {
		changes map[string]string
		raw     string
		code    string
	}{
		"no response type":        {map[string]string{"response_type": ""}, "", "invalid_request"},
		"implicit grant":          {map[string]string{"response_type": "token"}, "", "unsupported_response_type"},
		"hybrid flow":             {map[string]string{"response_type": "code id_token"}, "", "unsupported_response_type"},
		"no challenge":            {map[string]string{"code_challenge": ""}, "", "invalid_request"},
		"no PKCE at all":          {map[string]string{"code_challenge": "", "code_challenge_method": ""}, "", "invalid_request"},
		"method missing is plain": {map[string]string{"code_challenge_method": ""}, "", "invalid_request"},
		"plain":                   {map[string]string{"code_challenge_method": "plain"}, "", "invalid_request"},
		"method in lower case":    {map[string]string{"code_challenge_method": "s256"}, "", "invalid_request"},
		"short challenge":         {map[string]string{"code_challenge": "abc"}, "", "invalid_request"},
		"padded challenge":        {map[string]string{"code_challenge": challenge() + "="}, "", "invalid_request"},
		"form_post":               {map[string]string{"response_mode": "form_post"}, "", "invalid_request"},
		"request object":          {map[string]string{"request": "e30.e30."}, "", "request_not_supported"},
		"request_uri":             {map[string]string{"request_uri": "https://x.example/r"}, "", "request_uri_not_supported"},
		"state twice":             {nil, "&state=2", "invalid_request"},
		"scope twice":             {nil, "&scope=todo:write", "invalid_request"},
		"challenge twice":         {nil, "&code_challenge=" + challenge(), "invalid_request"},
		"foreign resource":        {map[string]string{"resource": "http://localhost:3002/other"}, "", "invalid_target"},
		"resource prefix":         {map[string]string{"resource": serverURL + "/x"}, "", "invalid_target"},
		"resource two slashes":    {map[string]string{"resource": serverURL + "//"}, "", "invalid_target"},
		"resource with fragment":  {map[string]string{"resource": serverURL + "#x"}, "", "invalid_target"},
		"a second, foreign one":   {nil, "&resource=https://other.example/", "invalid_target"},
		"another resource id":     {map[string]string{"resource": "res_1"}, "", "invalid_target"},
		"only unknown scopes":     {map[string]string{"scope": "admin root"}, "", "invalid_scope"},
		"malformed scope":         {map[string]string{"scope": `todo:read "x"`}, "", "invalid_scope"},
		"scope with a tab":        {map[string]string{"scope": "todo:read\ttodo:write"}, "", "invalid_scope"},
	} {
		answer := s.redirected(s.get(authorizePath + "?" + request(client, tc.changes).Encode() + tc.raw))
		if answer.Get("error") != tc.code || answer.Get("error_description") == "" || answer.Get("iss") != issuer || answer.Has("code") {
			t.Errorf("%s: sent back with %v, want %s", name, answer, tc.code)
		}
		if got := answer.Get("state"); got != "s t/ate" {
			t.Errorf("%s: state is %q", name, got)
		}
	}
}

func TestRefusalsThatStayOnThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(map[string]any{"redirect_uris": []string{callback, "https://app.example/cb", "com.example.app:/cb"}})
	for name, tc := range map[string]struct {
		changes map[string]string
		raw     string
	}{
		"no client":                  {map[string]string{"client_id": ""}, ""},
		"unknown client":             {map[string]string{"client_id": "m2m_9"}, ""},
		"client twice":               {nil, "&client_id=m2m_2"},
		"no redirect URI":            {map[string]string{"redirect_uri": ""}, ""},
		"redirect URI twice":         {nil, "&redirect_uri=" + url.QueryEscape(callback)},
		"another host":               {map[string]string{"redirect_uri": "https://evil.example/cb"}, ""},
		"a longer path":              {map[string]string{"redirect_uri": callback + "/x"}, ""},
		"a query":                    {map[string]string{"redirect_uri": callback + "?x=1"}, ""},
		"a trailing slash":           {map[string]string{"redirect_uri": callback + "/"}, ""},
		"a fragment":                 {map[string]string{"redirect_uri": callback + "#x"}, ""},
		"https instead of http":      {map[string]string{"redirect_uri": strings.Replace(callback, "http:", "https:", 1)}, ""},
		"localhost for 127.0.0.1":    {map[string]string{"redirect_uri": strings.Replace(callback, "127.0.0.1", "localhost", 1)}, ""},
		"a user name":                {map[string]string{"redirect_uri": "http://me@127.0.0.1:6276/oauth/callback"}, ""},
		"a host hidden in the user":  {map[string]string{"redirect_uri": "http://127.0.0.1:6276@evil.example/oauth/callback"}, ""},
		"a free port on https":       {map[string]string{"redirect_uri": "https://app.example:444/cb"}, ""},
		"upper case path":            {map[string]string{"redirect_uri": "https://app.example/CB"}, ""},
		"percent-encoded path":       {map[string]string{"redirect_uri": "https://app.example/%63b"}, ""},
		"a client that has no users": {map[string]string{"client_id": "m2m_1"}, ""},
		"dot segments":               {map[string]string{"redirect_uri": "https://app.example/x/../cb"}, ""},
		"malformed query":            {nil, "&x=%zz"},
		"too long":                   {map[string]string{"state": strings.Repeat("x", 16<<10)}, ""},
		"an authority for an app":    {map[string]string{"redirect_uri": "com.example.app://cb"}, ""},
	} {
		response := s.get(authorizePath + "?" + request(client, tc.changes).Encode() + tc.raw)
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusBadRequest || response.Header.Get("Location") != "" {
			t.Errorf("%s: status %d, Location %q, %v", name, response.StatusCode, response.Header.Get("Location"), err)
		}
		if !strings.Contains(string(body), "This request cannot be answered") {
			t.Errorf("%s: the page says %s", name, body)
		}
	}
}

func TestLoopbackPortIsFree(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *authserver.Options) {
		o.Clients = []authserver.Client{{ID: "m2m_6", RedirectURIs: []string{
			"http://127.0.0.1/cb", "http://[::1]:1/cb?x=:1", "http://localhost:9/", "https://app.example/cb", "cursor://login/cb",
			"https://127.0.0.1:1/cb", "http://intranet.example/cb", "cursor://localhost/cb",
		}}}
	})
	for uri, want := range map[string]bool{
		"http://127.0.0.1/cb": true, "http://127.0.0.1:1234/cb": true, "http://[::1]:55/cb?x=:1": true, "http://[::1]/cb?x=:1": true,
		"http://localhost/": true, "http://localhost:65535/": true, "https://app.example/cb": true, "cursor://login/cb": true,
		"https://127.0.0.1:1/cb": true, "http://intranet.example/cb": true,
		"http://127.0.0.2/cb": false, "http://[::1]/cb": false, "http://localhost:9": false, "cursor://login:1/cb": false,
		"http://localhost.:9/": false, "https://app.example:443/cb": false, "http://127.0.0.1:12 34/cb": false,
		"https://127.0.0.1:2/cb": false, "http://intranet.example:81/cb": false, "cursor://localhost:1/cb": false,
	} {
		response := s.get(authorizePath + "?" + request("m2m_6", map[string]string{"redirect_uri": uri}).Encode())
		location := response.Header.Get("Location")
		if got := strings.HasPrefix(location, uri) && strings.Contains(location, "code="); got != want {
			t.Errorf("%s: status %d, sent to %q", uri, response.StatusCode, location)
		}
	}
}

func TestResourceMayBeNamedInSeveralWays(t *testing.T) {
	t.Parallel()
	for _, registered := range []string{serverURL, serverURL + "/"} {
		s := newSite(t, func(o *authserver.Options) { o.ServerURL = registered })
		client := s.register(nil)
		for _, named := range []string{serverURL, serverURL + "/", resourceID, ""} {
			code := s.code(client, map[string]string{"resource": named})
			for _, again := range []string{resourceID, serverURL, ""} {
				form := exchange(client, code, map[string]string{"resource": again})
				audience, _ := claims(t, object(t, s.post(tokenPath, form, nil), http.StatusOK))["aud"].([]any)
				if len(audience) != 2 || audience[0] != registered || audience[1] != resourceID {
					t.Errorf("resource %q, then %q: aud is %v", named, again, audience)
				}
				code = s.code(client, map[string]string{"resource": named})
			}
		}
	}
}

func TestWithoutServerURLAnyOneResourceMayBeNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *authserver.Options) { o.ServerURL = "" })
	client := s.register(nil)
	answer := object(t, s.post(tokenPath, exchange(client, s.code(client, nil), nil), nil), http.StatusOK)
	if audience, _ := claims(t, answer)["aud"].([]any); len(audience) != 1 || audience[0] != resourceID {
		t.Errorf("aud is %v", audience)
	}
	other := exchange(client, s.code(client, nil), map[string]string{"resource": "https://other.example/"})
	refused(t, s.post(tokenPath, other, nil), http.StatusBadRequest, "invalid_target")
	lasting := s.tokens(client, everything)
	elsewhere := refreshing(client, lasting, map[string]string{"resource": "https://other.example/"})
	refused(t, s.post(tokenPath, elsewhere, nil), http.StatusBadRequest, "invalid_target")
	object(t, s.post(tokenPath, refreshing(client, lasting, nil), nil), http.StatusOK)
	for _, resource := range []string{"no-uri", "https://other.example/#x"} {
		answer := s.redirected(s.get(authorizePath + "?" + request(client, map[string]string{"resource": resource}).Encode()))
		if answer.Get("error") != "invalid_target" {
			t.Errorf("%s: %v", resource, answer)
		}
	}
}

func TestScopesAreTheIntersection(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *authserver.Options) {
		narrow := web()
		narrow.ID, narrow.Scopes, narrow.Secret = "m2m_3", []string{"todo:write"}, ""
		o.Clients = append(o.Clients, narrow)
	})
	client := s.register(nil)
	for _, tc := range []struct{ client, requested, want string }{
		{client, "todo:read", "todo:read"},
		{client, "todo:write todo:read todo:write", "todo:write todo:read"},
		{client, "todo:read admin openid", "todo:read openid"},
		{client, "", "todo:read todo:write"},
		{client, "openid profile email", "openid profile email"},
		{"m2m_3", "todo:read todo:write email", "todo:write email"},
		{"m2m_3", "", "todo:write"},
	} {
		answer := s.tokens(tc.client, tc.requested)
		minted := claims(t, answer)
		array, _ := minted["scopes"].([]any)
		if answer["scope"] != tc.want || minted["scope"] != tc.want || len(array) != len(strings.Fields(tc.want)) {
			t.Errorf("%q: answered %v, scope %v, scopes %v; want %q", tc.requested, answer["scope"], minted["scope"], array, tc.want)
		}
	}
}

func TestLoginHintChoosesTheUser(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	for hint, want := range map[string]string{
		"": authserver.DefaultSubject, "grace@example.com": "usr_70000000000000005", "usr_70000000000000006": "usr_70000000000000006",
		"nobody@example.com": authserver.DefaultSubject,
	} {
		code := s.code(client, map[string]string{"login_hint": hint})
		minted := claims(t, object(t, s.post(tokenPath, exchange(client, code, nil), nil), http.StatusOK))
		if minted["sub"] != want {
			t.Errorf("%q: sub is %v, want %s", hint, minted["sub"], want)
		}
	}
}

func TestMethodsOfTheEndpoints(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for path, methods := range map[string][]string{
		tokenPath: {http.MethodGet, http.MethodPut}, registrationPath: {http.MethodGet, http.MethodDelete},
		authorizePath: {http.MethodPut}, "/keys": {http.MethodPost},
	} {
		for _, method := range methods {
			response := s.do(httptest.NewRequest(method, path, nil))
			if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") == "" {
				t.Errorf("%s %s: status %d", method, path, response.StatusCode)
			}
		}
	}
}
