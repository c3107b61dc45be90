package stand_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
)

// childVariable makes this test binary play a server that shows its environment.
const childVariable = "STAND_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		os.Exit(m.Run())
	case "serve":
		http.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
		http.HandleFunc("/env", func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(os.Environ())
		})
		fmt.Println("started")
		fmt.Println(http.ListenAndServe(os.Getenv("HOST")+":"+os.Getenv("PORT"), nil))
	case "show":
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "refuse":
		fmt.Println("the configuration has problems")
	}
	os.Exit(1)
}

func server(behaviour string) stand.Server {
	return stand.Server{Path: os.Args[0], Env: []string{childVariable + "=" + behaviour}, MCPPath: "/mcp", Scopes: []string{"a:b"}}
}

func open(t *testing.T, s stand.Server, prepare func(contract.Issuer)) (contract.Site, map[string]string) {
	t.Helper()
	site, err := s.Open(t.Context(), prepare)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = site.Close() })
	response, err := http.Get(strings.TrimSuffix(site.URL, s.MCPPath) + "/env")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var entries []string
	if err := json.Unmarshal(body, &entries); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return site, env
}

func TestServerIsConfiguredForItsIssuer(t *testing.T) {
	t.Setenv("SK_CLIENT_SECRET", "the caller's")
	t.Setenv("LOG_LEVEL", "the caller's")
	site, env := open(t, server("serve"), func(contract.Issuer) {})
	if site.URL != "http://127.0.0.1:"+env["PORT"]+"/mcp" || env["HOST"] != "127.0.0.1" {
		t.Errorf("URL %s, PORT %s, HOST %s", site.URL, env["PORT"], env["HOST"])
	}
	if env["SK_ENV_URL"] != site.Issuer.Environment() || env["EXPECTED_AUDIENCE"] != site.URL || site.Audience != site.URL {
		t.Errorf("environment is %v", env)
	}
	if env["SK_CLIENT_SECRET"] != site.Secrets[0] || len(env["SK_CLIENT_SECRET"]) < 20 || env["LOG_LEVEL"] != "" {
		t.Errorf("the caller's environment reached the server: %v", env)
	}
	var metadata struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
		Scopes   []string `json:"scopes_supported"`
	}
	if err := json.Unmarshal([]byte(env["PROTECTED_RESOURCE_METADATA"]), &metadata); err != nil {
		t.Fatal(err)
	}
	if metadata.Resource != site.URL || fmt.Sprint(metadata.Servers) != "["+site.Issuer.Issuer()+"]" || fmt.Sprint(metadata.Scopes) != "[a:b]" {
		t.Errorf("metadata is %+v", metadata)
	}
	if string(site.Metadata) != env["PROTECTED_RESOURCE_METADATA"] {
		t.Errorf("the site says %s", site.Metadata)
	}
}

// TestServerCanLogIn wants the server's credentials to be good for a token of its own: the Scalekit SDK asks for one.
func TestServerCanLogIn(t *testing.T) {
	t.Parallel()
	site, env := open(t, server("serve"), func(contract.Issuer) {})
	for secret, status := range map[string]int{env["SK_CLIENT_SECRET"]: http.StatusOK, "sesame": http.StatusUnauthorized} {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {env["SK_CLIENT_ID"]}, "client_secret": {secret}}
		response, err := http.PostForm(site.Issuer.Environment()+"/oauth/token", form)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != status {
			t.Errorf("logging in with %q is answered with %s, want %d", secret, response.Status, status)
		}
	}
}

func TestResourceIDAsAudience(t *testing.T) {
	t.Parallel()
	s := server("serve")
	s.ResourceAudience = true
	site, env := open(t, s, func(contract.Issuer) {})
	if env["EXPECTED_AUDIENCE"] != site.Issuer.ResourceID() || site.Audience != site.Issuer.ResourceID() {
		t.Errorf("EXPECTED_AUDIENCE is %s, the site says %s", env["EXPECTED_AUDIENCE"], site.Audience)
	}
}

func TestIssuerIsPreparedBeforeTheServerStarts(t *testing.T) {
	t.Parallel()
	prepared := ""
	site, env := open(t, server("serve"), func(issuer contract.Issuer) { prepared = issuer.Rotate() })
	if prepared == "" || site.Issuer.KeyID() != prepared || env["SK_ENV_URL"] != site.Issuer.Environment() {
		t.Errorf("prepared %q, signing with %q", prepared, site.Issuer.KeyID())
	}
}

func TestCloseEndsTheServerAndItsIssuer(t *testing.T) {
	t.Parallel()
	site, _ := open(t, server("serve"), func(contract.Issuer) {})
	if err := site.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := site.Process.Wait(ctx); err != nil {
		t.Error(err)
	}
	for _, gone := range []string{site.URL, site.Issuer.Environment() + "/keys"} {
		if response, err := http.Get(gone); err == nil {
			response.Body.Close()
			t.Errorf("%s still answers", gone)
		}
	}
	if !strings.Contains(string(site.Process.Log()), "started") {
		t.Errorf("log is %q", site.Process.Log())
	}
}

func TestRestartIsAtTheSameAddress(t *testing.T) {
	t.Parallel()
	site, _ := open(t, server("serve"), func(contract.Issuer) {})
	if err := site.Process.Terminate(); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Process.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := site.Restart(t.Context()); err != nil { // it returns once the server answers at its URL
		t.Fatal(err)
	}
	if err := site.Close(); err != nil {
		t.Error(err)
	}
	if response, err := http.Get(site.URL); err == nil {
		response.Body.Close()
		t.Error("the server that was started again still answers")
	}
}

func TestServerThatDoesNotStartIsAnErrorWithItsOutput(t *testing.T) {
	t.Parallel()
	if _, err := server("refuse").Target(t.Context()); err == nil || !strings.Contains(err.Error(), "the configuration has problems") {
		t.Errorf("got %v", err)
	}
	missing := stand.Server{Path: "./no-such-server"}
	if _, err := missing.Target(t.Context()); err == nil {
		t.Error("a missing program was started")
	}
}

func TestTargetStartsFurtherCopies(t *testing.T) {
	t.Parallel()
	target, err := server("serve").Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	other, err := target.NewSite(t.Context(), func(contract.Issuer) {})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if other.URL == target.URL || other.Issuer.Environment() == target.Issuer.Environment() || other.Secrets[0] == target.Secrets[0] {
		t.Errorf("%s and %s share something", target.URL, other.URL)
	}
}

func TestAuthorizationServerHasItsOptions(t *testing.T) {
	t.Parallel()
	s := server("serve")
	s.Authorization = authserver.Options{ResourceID: "res_1", ServerURL: "http://127.0.0.1:1/", Scopes: []string{"a:b", "c:d"}}
	site, env := open(t, s, func(contract.Issuer) {})
	if site.Issuer.ResourceID() != "res_1" || !strings.Contains(env["PROTECTED_RESOURCE_METADATA"], "/resources/res_1") {
		t.Errorf("the metadata is %s", env["PROTECTED_RESOURCE_METADATA"])
	}
	issuer, ok := site.Issuer.(*authserver.Server)
	if !ok || issuer.ServerURL() != site.URL {
		t.Errorf("the authorization server is %T, for %s, not %s", site.Issuer, issuer.ServerURL(), site.URL)
	}
	response, err := http.Get(site.Issuer.Issuer() + "/.well-known/oauth-authorization-server")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), "c:d") {
		t.Errorf("its metadata is %s: %v", body, err)
	}
}
