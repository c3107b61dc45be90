package interop_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// An inspector is the MCP Inspector's command line.
type inspector struct {
	kit      kit
	era      string // of the revisions that it speaks
	document bool
}

// use logs in, lists the tools, and calls one with the token that was stored.
func (i inspector) use(t *testing.T, s site) {
	login := []string{"--callback-url", fmt.Sprintf("http://127.0.0.1:%d/oauth/callback", runtest.Port(t)), "--method", "tools/list"}
	document := ""
	if i.document {
		document = s.document
		login = append(login, "--client-metadata-url", document)
	}
	home := t.TempDir()
	answer, went := i.run(t, home, s, login...)
	if !strings.Contains(answer, `"name":"greet"`) || !strings.Contains(answer, `"name":"whoami"`) {
		t.Errorf("the tools are %s", answer)
	}
	checkInspectorLogin(t, s, went, document)

	answer, went = i.run(t, home, s, "--stored-auth-only", "--method", "tools/call", "--tool-name", "greet", "--tool-arg", "name=Ada")
	if went != "" || !strings.Contains(answer, "Hello, Ada!") {
		t.Errorf("logged in again at %q; the tool answered %s", went, answer)
	}
	if got := s.grants(t); !slices.Equal(got, []string{"authorization_code"}) {
		t.Errorf("the authorization server saw %v", got)
	}
}

// run runs the Inspector of the user with that home.
func (i inspector) run(t *testing.T, home string, s site, args ...string) (answer, login string) {
	t.Helper()
	// Without a PATH it finds no browser to open.
	env := []string{"HOME=" + home, "PATH=", "MCP_AUTO_OPEN_ENABLED=true", "MCP_INSPECTOR_SECRET_STORE=file"}
	common := []string{"--cli", s.url, "--transport", "http", "--protocol-era", i.era, "--format", "json"}
	return i.kit.runAttended(t, env, "mcp-inspector", slices.Concat(common, args)...)
}

// checkInspectorLogin checks the authorization request that the Inspector printed, and that a client without a document has
// registered.
func checkInspectorLogin(t *testing.T, s site, login, document string) {
	t.Helper()
	asked, err := url.Parse(login)
	if err != nil || !strings.HasPrefix(login, s.auth.Issuer()+"/oauth/authorize?") {
		t.Fatalf("the Inspector logs in at %q: %v", login, err)
	}
	q := asked.Query()
	if q.Get("resource") != s.url || q.Get("code_challenge_method") != "S256" || q.Get("scope") != readScope+" offline_access" {
		t.Errorf("the Inspector asked for %v", q)
	}
	registered := s.registrations()
	if document == "" && registered != 1 || document != "" && (registered != 0 || q.Get("client_id") != document) {
		t.Errorf("the Inspector registered %d times, and is client %s", registered, q.Get("client_id"))
	}
}
