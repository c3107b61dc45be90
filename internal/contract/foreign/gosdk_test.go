package foreign_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/run"
)

const goExample = "github.com/modelcontextprotocol/go-sdk/examples/auth/server"

// startGoSDK starts the go-sdk's example, which asks its authorization server about every token. The example leaves
// open where that is, in variables that the linker fills in here.
func startGoSDK(t *testing.T) contract.Target {
	port := reserve(t)
	url := fmt.Sprintf("http://localhost:%d/mcp", port)
	issuer := newIntrospected(t, url)
	binary := filepath.Join(t.TempDir(), "server.exe")
	variables := strings.Join([]string{
		"-s -w",
		"-X main.authorizationServer=" + issuer.Issuer(),
		"-X main.introspectionEndpoint=" + issuer.endpoint(t),
		"-X main.clientID=" + authserver.DefaultClientID,
	}, " ")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags", variables, "-o", binary, goExample).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	process := start(t, run.Command{Path: binary, Args: []string{"-port", fmt.Sprint(port)}}, url, wellKnown)
	return contract.Target{
		Site:   contract.Site{URL: url, Issuer: issuer, Process: process},
		Limits: fastLimits(),
	}
}

const wellKnown = "/.well-known/oauth-protected-resource"

// fastLimits shorten the waits for keys that these servers never ask for again.
func fastLimits() contract.Limits {
	return contract.Limits{KeyFloor: time.Second, KeyWait: 3 * time.Second, UnknownKeys: 300}
}

func reserve(t *testing.T) int {
	t.Helper()
	port, err := run.ReservePort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = port.Release() })
	return port.Number
}

// start starts a server that listens on loopback only, and returns once path answers at the origin of url.
func start(t *testing.T, c run.Command, url, path string) *run.Process {
	t.Helper()
	c.Env = run.Environment(os.Environ(), c.Env)
	process, err := run.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Stop() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := run.AwaitHealthy(ctx, process, nil, strings.TrimSuffix(url, "/mcp")+path); err != nil {
		t.Fatal(err)
	}
	return process
}

// introspected is an authorization server that answers questions about its tokens (RFC 7662). It grants the scope
// read to everybody.
type introspected struct {
	*authserver.Server

	mu     sync.Mutex
	issued map[string]bool
	voided map[string]bool // key ids
}

func newIntrospected(t *testing.T, serverURL string) *introspected {
	t.Helper()
	s := authserver.New(authserver.Options{ServerURL: serverURL})
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &introspected{Server: s, issued: map[string]bool{}, voided: map[string]bool{}}
}

// Mint remembers the token.
func (i *introspected) Mint(claims map[string]any) (string, error) {
	token, err := i.Server.Mint(claims)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.issued[token] = true
	return token, err
}

// Withdraw voids the tokens that the key signed.
func (i *introspected) Withdraw(kid string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.voided[kid] = true
	return i.Server.Withdraw(kid)
}

func (i *introspected) active(token string) bool {
	kid, _ := segment(token, 0)["kid"].(string)
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.issued[token] && !i.voided[kid]
}

func (i *introspected) endpoint(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.FormValue("token")
		answer := map[string]any{"active": i.active(token)}
		if answer["active"] == true {
			claims := segment(token, 1)
			scope, _ := claims["scope"].(string)
			answer["scope"], answer["sub"], answer["exp"] = scope+" read", claims["sub"], claims["exp"]
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// segment is the header or the claims of a token, nil for what is no object.
func segment(token string, n int) map[string]any {
	var object map[string]any
	if segments := strings.Split(token, "."); len(segments) == 3 {
		decoded, _ := base64.RawURLEncoding.DecodeString(segments[n])
		_ = json.Unmarshal(decoded, &object)
	}
	return object
}
