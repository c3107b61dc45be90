package foreign_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/run"
)

// startTypeScriptSDK starts the TypeScript SDK's example with its demonstration authorization server, logs in to
// that as a client would, and returns a server with an issuer that is not ours.
func startTypeScriptSDK(t *testing.T) contract.Target {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("no %s: install Node.js 20 or newer", tool)
			}
			t.Skipf("the TypeScript SDK's example was not walked: no %s; install Node.js 20 or newer", tool)
		}
	}
	dir := install(t, "typescript-sdk")
	port, authPort := reserve(t), reserve(t)
	mcp := fmt.Sprintf("http://localhost:%d/mcp", port)
	process := start(t, run.Command{
		Path: "node",
		Args: []string{"--import", "./loopback.mjs", "node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server/simpleStreamableHttp.js", "--oauth"},
		Dir:  dir,
		Env:  []string{"NODE_ENV=production", fmt.Sprintf("MCP_PORT=%d", port), fmt.Sprintf("MCP_AUTH_PORT=%d", authPort)},
	}, mcp, wellKnown+"/mcp")
	return contract.Target{
		Site:  contract.Site{URL: mcp, Process: process},
		Token: logIn(t, fmt.Sprintf("http://localhost:%d", authPort), mcp),
		Full:  true,
	}
}

// install installs the packages of a folder of testdata/foreign somewhere else.
func install(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"package.json", "package-lock.json", ".npmrc", "loopback.mjs"} {
		data, err := os.ReadFile(filepath.Join(filepath.FromSlash(dataDir), name, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

// logIn registers a client, authorizes it and exchanges the code, and returns the access token.
func logIn(t *testing.T, issuer, resource string) string {
	t.Helper()
	const redirect, verifier = "http://127.0.0.1/callback", "a-verifier-of-more-than-forty-three-characters-0123456789"
	var client struct {
		ID string `json:"client_id"`
	}
	registration := map[string]any{"redirect_uris": []string{redirect}, "token_endpoint_auth_method": "none"}
	encoded, err := json.Marshal(registration)
	if err != nil {
		t.Fatal(err)
	}
	answer(t, "registering", &client)(http.Post(issuer+"/register", "application/json", bytes.NewReader(encoded)))
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type": {"code"}, "client_id": {client.ID}, "redirect_uri": {redirect}, "resource": {resource}, "scope": {"mcp:tools"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := stay.Get(issuer + "/authorize?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	back, err := response.Location()
	if err != nil {
		t.Fatalf("authorizing: %s: %v", response.Status, err)
	}
	var tokens struct {
		Access string `json:"access_token"`
	}
	answer(t, "exchanging the code", &tokens)(http.PostForm(issuer+"/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "client_id": {client.ID},
		"redirect_uri": {redirect}, "code_verifier": {verifier}, "resource": {resource},
	}))
	if tokens.Access == "" {
		t.Fatal("no access token")
	}
	return tokens.Access
}

// answer returns a function that decodes a successful answer into value.
func answer(t *testing.T, doing string, value any) func(*http.Response, error) {
	return func(response *http.Response, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", doing, err)
		}
		defer response.Body.Close()
		if response.StatusCode > 299 {
			t.Fatalf("%s: %s", doing, response.Status)
		}
		if err := json.NewDecoder(response.Body).Decode(value); err != nil {
			t.Fatalf("%s: %v", doing, err)
		}
	}
}
