package cmd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/rogpeppe/go-internal/testscript"
)

// devServer builds the server of a golden project, for all scripts.
func devServer(directory string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		binary := filepath.Join(directory, "server.exe")
		c := exec.Command("go", "build", "-o", binary, ".")
		c.Dir = filepath.FromSlash("../testdata/golden/go/path-mcp/want")
		c.Env = append(os.Environ(), "GOWORK=off")
		if out, err := c.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
		return binary, nil
	})
}

// production returns the script command of that name. It starts a protected server and an authorization server that
// nobody controls, writes tokens and a secret for it, and sets URL, ISSUER and TOKEN. With the argument controlled it is
// one that verify can control.
func production(build func() (string, error)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		controlled := len(args) == 1 && args[0] == "controlled"
		if neg || len(args) > 0 && !controlled {
			ts.Fatalf("usage: production [controlled]")
		}
		binary, err := build()
		ts.Check(err)
		port, err := run.ReservePort()
		ts.Check(err)
		ts.Defer(func() { ts.Check(port.Release()) })
		url := fmt.Sprintf("http://127.0.0.1:%d/mcp", port.Number)
		authority, issuer := newAuthority(url, controlled)
		ts.Defer(authority.Close)
		metadata, err := json.Marshal(map[string]any{
			"resource": url, "authorization_servers": []string{issuer.Issuer()}, "scopes_supported": []string{"profile:read"},
		})
		ts.Check(err)
		process, err := run.Start(context.Background(), run.Command{Path: binary, Dir: ts.Getenv("WORK"), Env: run.Environment(os.Environ(), []string{
			fmt.Sprintf("PORT=%d", port.Number), "SK_ENV_URL=" + issuer.Environment(), "EXPECTED_AUDIENCE=" + url,
			"PROTECTED_RESOURCE_METADATA=" + string(metadata),
		})})
		ts.Check(err)
		ts.Defer(func() { ts.Check(process.Stop()) })
		waiting, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		ts.Check(run.AwaitHealthy(waiting, process, nil, fmt.Sprintf("http://127.0.0.1:%d/health", port.Number)))
		good, err := issuer.Mint(nil)
		ts.Check(err)
		wrong, err := issuer.Mint(map[string]any{"aud": "https://api.example", "client_id": "skc_7"})
		ts.Check(err)
		for name, content := range map[string]string{"good": good + "\n", "wrong": wrong, "secret": machineSecret} {
			ts.Check(os.WriteFile(ts.MkAbs(name), []byte(content), 0o600))
		}
		ts.Setenv("URL", url)
		ts.Setenv("ISSUER", issuer.Environment())
		// Each half alone must not be shown either.
		ts.Setenv("TOKEN", strings.Split(good, ".")[2])
		ts.Setenv("WRONG", strings.Split(wrong, ".")[2])
	}
}

const machineSecret = "secret-of-the-machine-client"

// newAuthority is an authorization server with metadata and a token endpoint for one machine client.
func newAuthority(serverURL string, controlled bool) (*httptest.Server, *authserver.Server) {
	mux := http.NewServeMux()
	front := httptest.NewServer(mux)
	issuer := authserver.New(authserver.Options{Environment: front.URL, ServerURL: serverURL})
	mux.Handle("/", issuer)
	if !controlled {
		mux.HandleFunc("/dev/", http.NotFound)
	}
	mux.HandleFunc("GET /.well-known/oauth-authorization-server/resources/"+issuer.ResourceID(), func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer":                           issuer.Issuer(),
			"authorization_endpoint":           issuer.Issuer() + "/oauth/authorize",
			"token_endpoint":                   issuer.Issuer() + "/oauth/token",
			"registration_endpoint":            issuer.Issuer() + "/register",
			"jwks_uri":                         front.URL + "/keys",
			"response_types_supported":         []string{"code"},
			"code_challenge_methods_supported": []string{"S256"},
		})
	})
	mux.HandleFunc("POST /resources/"+issuer.ResourceID()+"/oauth/token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != "m2m_1" || secret != machineSecret || r.PostFormValue("scope") != "profile:read" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
			return
		}
		token, err := issuer.Mint(map[string]any{"scope": r.PostFormValue("scope")})
		if err != nil {
			panic(err)
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"access_token": token, "token_type": "Bearer"})
	})
	return front, issuer
}
