package interop_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// testInspector lets the MCP Inspector's command line log in, list the tools, and call one with the token that it stored.
func testInspector(t *testing.T, k kit, binary string) {
	t.Parallel()
	for _, tc := range []struct {
		name, era string
		document  bool
	}{
		{"older revisions", "legacy", false},
		{"newest revision", "modern", false},
		{"with a metadata document", "modern", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			opts, document := authserver.Options{}, ""
			login := []string{"--callback-url", fmt.Sprintf("http://127.0.0.1:%d/oauth/callback", runtest.Port(t)), "--method", "tools/list"}
			if tc.document {
				document, opts.DocumentClient = serveDocument(t, "http://127.0.0.1/oauth/callback")
				login = append(login, "--client-metadata-url", document)
			}
			s := open(t, binary, opts)
			i := inspector{kit: k, home: t.TempDir(), args: []string{"--cli", s.url, "--transport", "http", "--protocol-era", tc.era, "--format", "json"}}

			answer, went := i.run(t, login...)
			if !strings.Contains(answer, `"name":"greet"`) || !strings.Contains(answer, `"name":"whoami"`) {
				t.Errorf("the tools are %s", answer)
			}
			checkInspectorLogin(t, s, went, document)

			answer, went = i.run(t, "--stored-auth-only", "--method", "tools/call", "--tool-name", "greet", "--tool-arg", "name=Ada")
			if went != "" || !strings.Contains(answer, "Hello, Ada!") {
				t.Errorf("logged in again at %q; the tool answered %s", went, answer)
			}
			if got := s.grants(t); !slices.Equal(got, []string{"authorization_code"}) {
				t.Errorf("the authorization server saw %v", got)
			}
		})
	}
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

// An inspector is the Inspector of one user.
type inspector struct {
	kit  kit
	home string
	args []string
}

func (i inspector) run(t *testing.T, args ...string) (answer, login string) {
	t.Helper()
	// Without a PATH it finds no browser to open.
	env := []string{"HOME=" + i.home, "PATH=", "MCP_AUTO_OPEN_ENABLED=true", "MCP_INSPECTOR_SECRET_STORE=file"}
	return i.kit.runAttended(t, env, "mcp-inspector", slices.Concat(i.args, args)...)
}
