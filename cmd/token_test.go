//go:build !windows

package cmd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// An asker runs mcpauth token against an authorization server that runs alone.
type asker struct {
	*devSession
	env string
}

// newAsker starts the authorization server, with more arguments.
func newAsker(t *testing.T, args ...string) asker {
	t.Helper()
	s := newDevSession(t)
	s.start(append([]string{"--auth-port", strconv.Itoa(s.auth), "--scope", "notes:read notes:write"}, args...)...)
	s.await("Ctrl-C stops it.")
	return asker{s, fmt.Sprintf("http://localhost:%d", s.auth)}
}

func (a asker) token(args ...string) (stdout, stderr string, code int) {
	var out, err strings.Builder
	c := exec.Command(mcpauth(), append([]string{"token", "--env-url", a.env}, args...)...)
	c.Stdout, c.Stderr = &out, &err
	c.Run()
	return out.String(), err.String(), c.ProcessState.ExitCode()
}

// claims are those of the token that the arguments make.
func (a asker) claims(args ...string) map[string]any {
	a.t.Helper()
	stdout, stderr, code := a.token(append(args, "--json")...)
	var document struct {
		Schema      string         `json:"schema"`
		AccessToken string         `json:"access_token"`
		ExpiresIn   int            `json:"expires_in"`
		Claims      map[string]any `json:"claims"`
	}
	if err := json.Unmarshal([]byte(stdout), &document); err != nil || code != 0 || document.Schema != "mcpauth.token/v1" || document.AccessToken == "" {
		a.t.Fatalf("%q: exit code %d, %v\n%s%s", args, code, err, stdout, stderr)
	}
	return document.Claims
}

func TestTokenIsAllThatIsPrinted(t *testing.T) {
	t.Parallel()
	stdout, stderr, code := newAsker(t).token()
	if strings.Count(stdout, "\n") != 1 || strings.Count(stdout, ".") != 2 || strings.ContainsAny(stdout, " \t") || stderr != "" || code != 0 {
		t.Errorf("exit code %d, printed %q, said %q", code, stdout, stderr)
	}
}

func TestTokenHasTheClaimsThatAreAskedFor(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	good := a.claims()
	if good["iss"] != a.env || good["scope"] != "notes:read notes:write" || fmt.Sprint(good["aud"]) != "[http://localhost:3002/ res_70000000000000001]" {
		t.Errorf("a good token has the claims %v", good)
	}
	got := a.claims("--scope", "notes:read", "--audience", "a", "--audience", "b", "--subject", "usr_9", "--expires-in", "2m", "--issuer-form", "resource")
	for claim, want := range map[string]string{
		"scope": "notes:read", "aud": "[a b]", "sub": "usr_9", "iss": a.env + "/resources/res_70000000000000001",
	} {
		if fmt.Sprint(got[claim]) != want {
			t.Errorf("%s is %v, want %s", claim, got[claim], want)
		}
	}
	exp, _ := got["exp"].(float64)
	iat, _ := got["iat"].(float64)
	if exp-iat < 119 || exp-iat > 121 {
		t.Errorf("lives %v s, want 120", exp-iat)
	}
	if none := a.claims("--scope", ""); none["scope"] != "" {
		t.Errorf("without scopes: %v", none)
	}
}

// TestEveryKindOfBadTokenCanBeHad asks for each kind that the list names.
func TestEveryKindOfBadTokenCanBeHad(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	list, stderr, code := a.token("--bad", "list")
	lines := strings.Split(strings.TrimSpace(list), "\n")
	if code != 0 || stderr != "" || len(lines) < 40 {
		t.Fatalf("exit code %d, %d kinds\n%s", code, len(lines), stderr)
	}
	for _, line := range lines {
		kind, why, _ := strings.Cut(line, " ")
		if strings.TrimSpace(why) == "" {
			t.Errorf("no reason to refuse %s", kind)
		}
		if stdout, stderr, code := a.token("--bad", kind); code != 0 || stderr != "" || strings.TrimSpace(stdout) == "" {
			t.Errorf("%s: exit code %d, printed %q, said %q", kind, code, stdout, stderr)
		}
	}
}

func TestRefusedTokens(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--bad", "nonsense"}, "no such kind of bad token"},
		{[]string{"--bad", "nonsense"}, "hint: --bad list"},
		{[]string{"--expires-in", "10000h"}, "between one second and a year"},
	} {
		if stdout, stderr, code := a.token(tc.args...); code != 2 || stdout != "" || !strings.Contains(stderr, tc.want) {
			t.Errorf("%q: exit code %d, printed %q, said %q", tc.args, code, stdout, stderr)
		}
	}
	a.signal(syscall.SIGTERM)
	a.checkEnd(0)
	if _, stderr, code := a.token(); code != 1 || !strings.Contains(stderr, "hint: start it with mcpauth dev") {
		t.Errorf("exit code %d, said %q", code, stderr)
	}
}

func TestIssuerFormIsThatOfDev(t *testing.T) {
	t.Parallel()
	a := newAsker(t, "--issuer-form", "resource")
	if got, want := a.claims()["iss"], a.env+"/resources/res_70000000000000001"; got != want {
		t.Errorf("iss is %v, want %s", got, want)
	}
}

// TestStateOutlivesDev wants a token of the first run to be signed with a key of the second.
func TestStateOutlivesDev(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.json")
	first := newAsker(t, "--state", state)
	before, _, _ := first.token()
	first.signal(syscall.SIGTERM)
	first.checkEnd(0)
	after, _, _ := newAsker(t, "--state", state).token()
	header := func(token string) string { return strings.Split(token, ".")[0] }
	if header(before) != header(after) || before == after {
		t.Errorf("signed with another key: %s and %s", before, after)
	}
}

// TestAutoConsentAsksNobody wants the consent page, or a code at once.
func TestAutoConsentAsksNobody(t *testing.T) {
	t.Parallel()
	if status, _ := newAsker(t).authorize(); status != http.StatusOK {
		t.Errorf("status %d, want a page", status)
	}
	if status, location := newAsker(t, "--auto-consent").authorize(); status != http.StatusFound || !strings.Contains(location, "code=") {
		t.Errorf("status %d, sent to %s, want a code", status, location)
	}
}

// authorize registers a client, asks for a code in its name, and returns the status of the answer and where it sends to.
func (a asker) authorize() (status int, location string) {
	a.t.Helper()
	const resource = "/resources/res_70000000000000001"
	registration := `{"client_name":"test","redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none"}`
	response, err := http.Post(a.env+"/api/v1"+resource+"/clients:register", "application/json", strings.NewReader(registration))
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	var registered struct {
		ID string `json:"client_id"`
	}
	if err := json.NewDecoder(response.Body).Decode(&registered); err != nil {
		a.t.Fatal(err)
	}
	query := url.Values{
		"response_type": {"code"}, "client_id": {registered.ID}, "redirect_uri": {"http://127.0.0.1/callback"}, "state": {"s"},
		"code_challenge": {strings.Repeat("A", 43)}, "code_challenge_method": {"S256"}, "resource": {defaultServerURL},
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(a.env + resource + "/oauth/authorize?" + query.Encode())
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode, answer.Header.Get("Location")
}

const defaultServerURL = "http://localhost:3002/"
