package oauth_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

func TestMetadataIsTheSameAtBothPlaces(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	want := map[string]any{
		"issuer":                                         issuer,
		"authorization_endpoint":                         issuer + "/oauth/authorize",
		"token_endpoint":                                 issuer + "/oauth/token",
		"jwks_uri":                                       environment + "/keys",
		"registration_endpoint":                          environment + registrationPath,
		"response_types_supported":                       "[code]",
		"response_modes_supported":                       "[query]",
		"grant_types_supported":                          "[authorization_code refresh_token client_credentials]",
		"code_challenge_methods_supported":               "[S256]",
		"scopes_supported":                               "[todo:read todo:write openid profile email offline_access]",
		"token_endpoint_auth_methods_supported":          "[none client_secret_post client_secret_basic]",
		"client_id_metadata_document_supported":          true,
		"authorization_response_iss_parameter_supported": true,
	}
	for _, path := range []string{
		"/.well-known/oauth-authorization-server/resources/" + resourceID,
		"/resources/" + resourceID + "/.well-known/oauth-authorization-server",
	} {
		response := s.get(path)
		if got := response.Header.Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("%s: Access-Control-Allow-Origin is %q", path, got)
		}
		document := object(t, response, http.StatusOK)
		if len(document) != len(want) {
			t.Errorf("%s: %d members, want %d: %v", path, len(document), len(want), document)
		}
		for name, value := range want {
			if fmt.Sprint(document[name]) != fmt.Sprint(value) {
				t.Errorf("%s: %s is %v, want %v", path, name, document[name], value)
			}
		}
	}
}

func TestEnvironmentDiscoveryHasNoLogin(t *testing.T) {
	t.Parallel()
	document := object(t, newSite(t, nil).get("/.well-known/openid-configuration"), http.StatusOK)
	if document["issuer"] != environment || document["jwks_uri"] != environment+"/keys" || document["token_endpoint"] != environment+"/oauth/token" {
		t.Errorf("document is %v", document)
	}
	for _, name := range []string{"registration_endpoint", "authorization_endpoint"} {
		if value, found := document[name]; found {
			t.Errorf("%s is %v", name, value)
		}
	}
}

func TestResourceShowsTheProtectedMetadata(t *testing.T) {
	t.Parallel()
	configured := json.RawMessage(`{"resource":"http://localhost:3002/","x":[1]}`)
	for name, tc := range map[string]struct {
		change func(*authserver.Options)
		want   string
		uri    any
	}{
		"made": {nil, `{"authorization_servers":["` + issuer + `"],"bearer_methods_supported":["header"],"resource":"` + serverURL +
			`","resource_documentation":"` + serverURL + `/docs","scopes_supported":["todo:read","todo:write"]}`,
			"http://localhost:3002/.well-known/oauth-protected-resource/mcp"},
		"configured": {func(o *authserver.Options) { o.Metadata = configured }, string(configured),
			"http://localhost:3002/.well-known/oauth-protected-resource/mcp"},
		"no Server URL": {func(o *authserver.Options) { o.ServerURL, o.Scopes = "", nil },
			`{"authorization_servers":["` + issuer + `"],"bearer_methods_supported":["header"],"scopes_supported":[]}`, nil},
	} {
		response := newSite(t, tc.change).get("/api/v1/resources/" + resourceID)
		resource, _ := object(t, response, http.StatusOK)["resource"].(map[string]any)
		got, err := json.Marshal(resource["protected_metadata"])
		if err != nil || string(got) != tc.want || resource["protected_metadata_uri"] != tc.uri {
			t.Errorf("%s: protected_metadata is %s at %v; want %s at %v (%v)", name, got, resource["protected_metadata_uri"], tc.want, tc.uri, err)
		}
		if resource["id"] != resourceID || resource["resource_type"] != "MCP_SERVER" {
			t.Errorf("%s: resource is %v", name, resource)
		}
	}
}

func TestWhatScalekitAnswersWith404(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for _, path := range []string{
		"/resources/" + resourceID + "/keys",
		"/resources/" + resourceID + "/.well-known/openid-configuration",
		"/.well-known/oauth-authorization-server",
		"/.well-known/oauth-authorization-server/resources/res_1",
		"/resources/res_1/.well-known/oauth-authorization-server",
		"/resources/res_1/oauth/authorize?" + request("m2m_2", nil).Encode(),
		"/api/v1/resources/res_1",
	} {
		if status := s.get(path).StatusCode; status != http.StatusNotFound {
			t.Errorf("GET %s: status %d", path, status)
		}
	}
	for _, path := range []string{"/resources/res_1/oauth/token", "/api/v1/resources/res_1/clients:register"} {
		if status := s.post(path, nil, nil).StatusCode; status != http.StatusNotFound {
			t.Errorf("POST %s: status %d", path, status)
		}
	}
}

func TestBrowsersMayCallWhatClientsCall(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for path, method := range map[string]string{
		"/keys": http.MethodGet,
		"/.well-known/oauth-authorization-server/resources/" + resourceID:      http.MethodGet,
		"/resources/" + resourceID + "/.well-known/oauth-authorization-server": http.MethodGet,
		"/.well-known/openid-configuration":                                    http.MethodGet,
		tokenPath:                                                              http.MethodPost,
		"/oauth/token":                                                         http.MethodPost,
		registrationPath:                                                       http.MethodPost,
	} {
		preflight := httptest.NewRequest(http.MethodOptions, path, nil)
		preflight.Header.Set("Origin", "https://inspector.example")
		preflight.Header.Set("Access-Control-Request-Method", method)
		response := s.do(preflight)
		header := response.Header
		if response.StatusCode != http.StatusNoContent || header.Get("Access-Control-Allow-Origin") != "*" ||
			header.Get("Access-Control-Allow-Methods") != method+", OPTIONS" || header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("preflight of %s: %d, %v", path, response.StatusCode, header)
		}
		actual := s.do(httptest.NewRequest(method, path, nil)).Header
		if actual.Get("Access-Control-Allow-Origin") != "*" || actual.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s %s: %v", method, path, actual)
		}
	}
}

func TestNoScriptReadsTheConsentPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
		response := s.do(httptest.NewRequest(method, authorizePath, nil))
		if got := response.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s: Access-Control-Allow-Origin is %q", method, got)
		}
	}
}

func TestForeignHostIsRefusedEverywhere(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	paths := []string{"/keys", tokenPath, registrationPath, authorizePath, "/", "/api/v1/resources/" + resourceID}
	for host, want := range map[string]bool{
		"localhost:3003": true, "LOCALHOST": true, "127.0.0.1:1": true, "127.9.9.9": true, "[::1]:3003": true, "[::1]": true,
		"evil.example": false, "localhost.evil.example:3003": false, "192.0.2.1:3003": false, "127.0.0.1.evil.example": false, "": false, "0.0.0.0": false,
	} {
		for _, path := range paths {
			request := httptest.NewRequest(http.MethodGet, path, nil)
			request.Host = host
			recorder := httptest.NewRecorder()
			s.server.ServeHTTP(recorder, request)
			if answered := recorder.Code != http.StatusForbidden; answered != want {
				t.Errorf("%s with Host %q: status %d", path, host, recorder.Code)
			}
		}
	}
}
