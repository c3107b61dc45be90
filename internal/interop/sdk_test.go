package interop_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// settings are the argument of a client's script.
type settings struct {
	URL string `json:"url"`
	// Document is the URL of the client's metadata document; a client without one registers.
	Document string `json:"document,omitempty"`
	// Mode is how a client chooses between the revisions.
	Mode string `json:"mode,omitempty"`
}

// report is what a client's script prints.
type report struct {
	Protocol string
	Tools    []string
	Greeting string
	Logins   []struct {
		ClientID        string `json:"client_id"`
		Scope           string
		Resource        string
		ChallengeMethod string `json:"challenge_method"`
		Iss             string
		Error           string
	}
	Granted []struct {
		Scope       string
		Refreshable bool
	}
	Caller, Refreshed struct {
		Subject  string
		ClientID string `json:"client_id"`
		Scopes   []string
	}
	Rotated bool
}

// A scripted client is one of an SDK's, which a script in testdata/interop drives: it also steps up, and refreshes.
type scripted struct {
	kit      kit
	script   string
	mode     string // of those SDKs that have several
	protocol string // that they will speak
	document bool
}

func (c scripted) use(t *testing.T, s site) {
	args := settings{URL: s.url, Mode: c.mode}
	if c.document {
		args.Document = s.document
	}
	var r report
	c.kit.run(t, c.script, args, &r)
	if r.Protocol != c.protocol {
		t.Errorf("spoke %s, want %s", r.Protocol, c.protocol)
	}
	checkUse(t, r)
	checkLogins(t, s, r)
	checkRegistration(t, s, r, args.Document)
}

// checkUse checks what the client got from the MCP server.
func checkUse(t *testing.T, r report) {
	t.Helper()
	if slices.Sort(r.Tools); !slices.Equal(r.Tools, []string{"greet", "whoami"}) || !strings.Contains(r.Greeting, "Hello, Ada!") {
		t.Errorf("tools %v, greeting %q", r.Tools, r.Greeting)
	}
	for _, scope := range []string{readScope, writeScope} {
		if !slices.Contains(r.Caller.Scopes, scope) || !slices.Contains(r.Refreshed.Scopes, scope) {
			t.Errorf("%s is missing: %v after the step-up, %v after the refresh", scope, r.Caller.Scopes, r.Refreshed.Scopes)
		}
	}
	if r.Caller.Subject != authserver.DefaultSubject || r.Refreshed.Subject != r.Caller.Subject {
		t.Errorf("the subject is %s, then %s", r.Caller.Subject, r.Refreshed.Subject)
	}
	if r.Refreshed.ClientID != r.Caller.ClientID {
		t.Errorf("the client is %s, then %s", r.Caller.ClientID, r.Refreshed.ClientID)
	}
}

// checkLogins checks the authorization requests and the grants: a login with the one scope that the metadata names, at least
// one more for more, and a refresh.
func checkLogins(t *testing.T, s site, r report) {
	t.Helper()
	if len(r.Logins) < 2 || len(r.Granted) != len(r.Logins)+1 {
		t.Fatalf("%d logins, and %d grants", len(r.Logins), len(r.Granted))
	}
	for i, login := range r.Logins {
		if login.Error != "" || login.ChallengeMethod != "S256" || login.Resource != s.url || login.Iss != s.auth.Issuer() {
			t.Errorf("login %d was %+v, want resource %s and iss %s", i, login, s.url, s.auth.Issuer())
		}
		if strings.Contains(login.Scope, writeScope) != (i > 0) || !strings.Contains(login.Scope, readScope) {
			t.Errorf("login %d asked for %q", i, login.Scope)
		}
		if r.Granted[i].Scope != login.Scope {
			t.Errorf("login %d asked for %q and got %q", i, login.Scope, r.Granted[i].Scope)
		}
	}
	refreshed, before := r.Granted[len(r.Logins)], r.Granted[len(r.Logins)-1]
	if !r.Rotated || !refreshed.Refreshable || refreshed.Scope != before.Scope {
		t.Errorf("%+v became %+v by the refresh, with another token: %v", before, refreshed, r.Rotated)
	}
	want := slices.Repeat([]string{"authorization_code"}, len(r.Logins))
	if got := s.grants(t); !slices.Equal(got, append(want, "refresh_token")) {
		t.Errorf("the authorization server saw %v", got)
	}
}

// checkRegistration wants one registration, or none of a client with a document.
func checkRegistration(t *testing.T, s site, r report, document string) {
	t.Helper()
	registered := s.registrations()
	if document == "" && registered != 1 || document != "" && (registered != 0 || r.Caller.ClientID != document) {
		t.Errorf("registered %d times, and called as %q", registered, r.Caller.ClientID)
	}
	for _, login := range r.Logins {
		if login.ClientID != r.Caller.ClientID {
			t.Errorf("logged in as client %q, then called as %q", login.ClientID, r.Caller.ClientID)
		}
	}
}
