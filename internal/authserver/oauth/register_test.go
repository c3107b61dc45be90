package oauth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestRegistrationOfAPublicClient(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	response := s.tryRegister(map[string]any{"software_id": "x", "application_type": "native", "scope": "todo:read", "client_uri": "https://app.example/"})
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	document := object(t, response, http.StatusCreated)
	id, _ := document["client_id"].(string)
	if digits, found := strings.CutPrefix(id, "m2m_"); !found || len(digits) != 17 || strings.Trim(digits, "0123456789") != "" {
		t.Errorf("client_id is %q, want m2m_ and 17 digits", id)
	}
	for name, want := range map[string]any{
		"redirect_uris": []string{callback}, "token_endpoint_auth_method": "none", "grant_types": "[authorization_code refresh_token]",
		"response_types": "[code]", "client_name": "Test client", "application_type": "native", "scope": "todo:read", "client_uri": "https://app.example/",
	} {
		if fmt.Sprint(document[name]) != fmt.Sprint(want) {
			t.Errorf("%s is %v, want %v", name, document[name], want)
		}
	}
	if _, found := document["client_secret"]; found || document["client_secret_expires_at"] != nil || document["client_id_issued_at"] == nil {
		t.Errorf("document is %v", document)
	}
}

func TestRegistrationOfAConfidentialClient(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for _, method := range []string{"", "client_secret_basic", "client_secret_post"} {
		changes := map[string]any{"token_endpoint_auth_method": method}
		document := object(t, s.tryRegister(changes), http.StatusCreated)
		id, _ := document["client_id"].(string)
		secret, _ := document["client_secret"].(string)
		if secret == "" || document["client_secret_expires_at"] != 0.0 || document["token_endpoint_auth_method"] == "" {
			t.Errorf("%q: document is %v", method, document)
		}
		form := exchange(id, s.code(id, nil), nil)
		refused(t, s.post(tokenPath, form, nil), http.StatusUnauthorized, "invalid_client")
		object(t, s.post(tokenPath, form, basic(id, secret)), http.StatusOK)
		object(t, s.post(tokenPath, exchange(id, s.code(id, nil), map[string]string{"client_secret": secret}), nil), http.StatusOK)
	}
}

func TestRegisteredClientCannotActForItself(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	document := object(t, s.tryRegister(map[string]any{
		"token_endpoint_auth_method": "client_secret_basic", "grant_types": []string{"client_credentials", "authorization_code", "urn:ietf:params:oauth:grant-type:device_code"},
	}), http.StatusCreated)
	if got := fmt.Sprint(document["grant_types"]); got != "[authorization_code]" {
		t.Errorf("grant_types are %s", got)
	}
	id, _ := document["client_id"].(string)
	secret, _ := document["client_secret"].(string)
	form := url.Values{"grant_type": {"client_credentials"}}
	refused(t, s.post(tokenPath, form, basic(id, secret)), http.StatusBadRequest, "unauthorized_client")
}

func TestRegistrationIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	many := make([]string, 21)
	for i := range many {
		many[i] = callback
	}
	for name, tc := range map[string]struct {
		changes map[string]any
		code    string
	}{
		"no redirect URI":     {map[string]any{"redirect_uris": []string{}}, "invalid_redirect_uri"},
		"too many":            {map[string]any{"redirect_uris": many}, "invalid_redirect_uri"},
		"one of two is bad":   {map[string]any{"redirect_uris": []string{callback, "http://app.example/"}}, "invalid_redirect_uri"},
		"name too long":       {map[string]any{"client_name": strings.Repeat("ä", 201)}, "invalid_client_metadata"},
		"private_key_jwt":     {map[string]any{"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"},
		"no usable grant":     {map[string]any{"grant_types": []string{"client_credentials"}}, "invalid_client_metadata"},
		"implicit only":       {map[string]any{"response_types": []string{"token"}}, "invalid_client_metadata"},
		"a string for a list": {map[string]any{"redirect_uris": callback}, "invalid_client_metadata"},
		"too large":           {map[string]any{"client_uri": strings.Repeat("x", 17<<10)}, "invalid_client_metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, s.tryRegister(tc.changes), http.StatusBadRequest, tc.code)
		})
	}
	for _, body := range []string{"", "null", "[]", `"x"`, "{", "redirect_uris=x"} {
		response := s.do(httptest.NewRequest(http.MethodPost, registrationPath, strings.NewReader(body)))
		if response.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: status %d", body, response.StatusCode)
		}
	}
}

func TestRedirectURIsThatMayBeRegistered(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for uri, want := range map[string]bool{
		"https://app.example/cb": true, "https://app.example": true, "https://app.example:8443/cb?x=1": true,
		"http://127.0.0.1/cb": true, "http://[::1]:7/cb": true, "http://localhost:7/": true, "http://127.1.2.3/": true,
		"com.example.app:/cb": true, "cursor://anysphere.cursor-retrieval/oauth/cb": true, "vscode://x.y/cb": true,
		"http://app.example/cb": false, "http://192.168.0.7/cb": false, "http://localhost.evil.example/": false, "http://0.0.0.0/": false,
		"http://[::ffff:192.0.2.1]/": false, "https:///cb": false, "https://app.example/cb#x": false, "https://app.example/cb#": false,
		"https://me@app.example/cb": false, "http://me:pw@localhost/": false, "javascript:alert(1)": false, "JavaScript://x/%0aalert(1)": false,
		"data:text/html,x": false, "file:///etc/passwd": false, "blob:https://x.example/y": false, "vbscript:x": false, "about:blank": false,
		"/cb": false, "//app.example/cb": false, "": false, "https://app.example/\n": false, "https://app.example/a b": false, "https://app.example/ä": false, "ws://localhost/": false,
		"https://app.example/" + strings.Repeat("x", 2048): false,
	} {
		response := s.tryRegister(map[string]any{"redirect_uris": []string{uri}})
		if got := response.StatusCode == http.StatusCreated; got != want {
			t.Errorf("%.60q: status %d", uri, response.StatusCode)
		}
	}
}

func TestOnlyTheNewestRegistrationsAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	first, second := s.register(nil), s.register(nil)
	for range 999 {
		s.register(nil)
	}
	if status := s.get(authorizePath + "?" + request(first, nil).Encode()).StatusCode; status != http.StatusBadRequest {
		t.Errorf("the first of 1001 clients is still known: status %d", status)
	}
	s.code(second, nil)
	s.code("m2m_2", nil)
}
