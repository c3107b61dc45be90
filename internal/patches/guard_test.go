package patches_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// checkGuarded wants of the case's guarded routes a challenge to whoever has no valid token, and for one who has, an answer of
// the program, which has not seen the token. The open ones answer anybody.
func (c patchCase) checkGuarded(t *testing.T, target contract.Target, origin string) {
	t.Helper()
	token, err := target.Issuer.Mint(nil)
	if err != nil {
		t.Fatal(err)
	}
	expired, err := target.Issuer.Bad("expired")
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range pairs(c.keys["guarded"]) {
		for credential, want := range map[string]string{"": `realm="OAuth"`, "Bearer " + expired: `error="invalid_token"`} {
			answer, _ := ask(t, route, origin, credential)
			if challenge := answer.Header.Get("WWW-Authenticate"); answer.StatusCode != http.StatusUnauthorized ||
				!strings.Contains(challenge, want) || !strings.Contains(challenge, `resource_metadata="`+origin+"/.well-known/") {
				t.Errorf("%s: %s, %q, want a challenge with %s", route, answer.Status, challenge, want)
			}
		}
		if answer, body := ask(t, route, origin, "Bearer "+token); answer.StatusCode == http.StatusUnauthorized || strings.Contains(body, token) {
			t.Errorf("%s with a token: %s; the program sees the token: %v", route, answer.Status, strings.Contains(body, token))
		}
	}
	for _, route := range pairs(c.keys["open"]) {
		if answer, body := ask(t, route, origin, ""); answer.StatusCode/100 != 2 {
			t.Errorf("%s: %s %q, want it open", route, answer.Status, body)
		}
	}
}

// A pair is a method and a path.
type pair struct{ method, path string }

func (p pair) String() string { return p.method + " " + p.path }

func pairs(text string) []pair {
	var list []pair
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i += 2 {
		list = append(list, pair{words[i], words[i+1]})
	}
	return list
}

// ask sends a request as it is written, and follows no redirect. A preflight is one of a page elsewhere.
func ask(t *testing.T, p pair, origin, credential string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), p.method, origin+p.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if credential != "" {
		request.Header.Set("Authorization", credential)
	}
	if p.method == http.MethodOptions {
		request.Header.Set("Origin", "https://page.example")
		request.Header.Set("Access-Control-Request-Method", "GET")
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// TestPatchedAllWithoutSettings wants a program whose routes all need a token to be closed where tokens cannot be checked.
func TestPatchedAllWithoutSettings(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/servemux-all.txtar"))
	dir := c.module(t)
	retrofit(t, dir, 0, strings.Fields(c.keys["args"])...)
	binary := filepath.Join(t.TempDir(), "server.exe")
	goRun(t, dir, "build", "-o", binary, ".")
	port := strconv.Itoa(runtest.Port(t))
	origin := "http://127.0.0.1:" + port
	command := run.Command{Path: binary, Dir: t.TempDir(), Env: run.Environment(os.Environ(), []string{"HOST=127.0.0.1", "PORT=" + port})}
	process, err := run.StartHealthy(t.Context(), t.Context(), command, http.DefaultClient, origin+"/health", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Stop()
	c.checkRoute(t, origin)
	for _, route := range append(pairs(c.keys["guarded"]), pair{"POST", "/mcp"}) {
		if answer, body := ask(t, route, origin, "Bearer x"); answer.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: %s %q, want it closed", route, answer.Status, body)
		}
	}
}

// TestVerifyOfProtectedRoutes wants --verify to find the routes closed that the preview has announced, and no other.
func TestVerifyOfProtectedRoutes(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/servemux-all.txtar"))
	_, said := retrofit(t, c.module(t), 0, append(strings.Fields(c.keys["args"]), "--verify", "--dry-run")...)
	for _, want := range []string{"GET, HEAD, OPTIONS /hello (main.go:11): announced\n  status: 200 → 401\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("said\n%swant %q", said, want)
		}
	}
	if strings.Contains(said, "GET /docs/") || strings.Contains(said, ": differs") {
		t.Errorf("a public route is not as it was:\n%s", said)
	}
}

// TestPatchedH2C wants connections of HTTP/2 without TLS to be guarded as any other: h2c hands their requests on by itself.
func TestPatchedH2C(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/chain-h2c.txtar"))
	dir := c.module(t)
	retrofit(t, dir, 0, "--protect", "all")
	binary := filepath.Join(t.TempDir(), "server.exe")
	goRun(t, dir, "build", "-o", binary, ".")
	server := stand.Server{Path: binary, Dir: t.TempDir(), Env: run.Environment(os.Environ(), nil), MCPPath: "/", Scopes: []string{"profile:read"}}
	target, err := server.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	for path, want := range map[string]int{"hello": http.StatusUnauthorized, "": http.StatusUnauthorized, "health": http.StatusOK} {
		answer, err := client.Get(target.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want || answer.ProtoMajor != 2 {
			t.Errorf("/%s: %s over %s, want %d over HTTP/2", path, answer.Status, answer.Proto, want)
		}
	}
}
