package authserver_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// restored is a server with a state file that is called without a network.
func restored(t *testing.T, path string) *authserver.Server {
	t.Helper()
	server := authserver.New(stateful(path))
	if err := server.Restore(); err != nil {
		t.Fatal(err)
	}
	return server
}

func stateful(path string) authserver.Options {
	return authserver.Options{
		Environment: "http://localhost:3003", ServerURL: serverURL, Scopes: []string{"todo:read"}, AutoConsent: true, StateFile: path,
	}
}

// call sends a form, or JSON when body starts with a brace, and returns the answer.
func call(t *testing.T, server *authserver.Server, path, body string) (status int, answer map[string]any) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(body, "{") {
		request.Header.Set("Content-Type", "application/json")
	}
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	if err := json.NewDecoder(recorder.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return recorder.Code, answer
}

// login registers a client, logs in and returns the client's id and its refresh token.
func login(t *testing.T, server *authserver.Server) (client, refresh string) {
	t.Helper()
	const callback = "http://127.0.0.1:6276/cb"
	_, registration := call(t, server, "/api/v1/resources/"+server.ResourceID()+"/clients:register",
		`{"redirect_uris":["`+callback+`"],"token_endpoint_auth_method":"none"}`)
	client, _ = registration["client_id"].(string)
	// The challenge is the one of RFC 7636 appendix B.
	query := url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {callback}, "scope": {"todo:read offline_access"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	request := httptest.NewRequest(http.MethodGet, "http://localhost/resources/"+server.ResourceID()+"/oauth/authorize?"+query.Encode(), nil)
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	location, err := recorder.Result().Location()
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {client}, "redirect_uri": {callback}, "code": {location.Query().Get("code")},
		"code_verifier": {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
	}
	_, answer := call(t, server, "/oauth/token", form.Encode())
	refresh, _ = answer["refresh_token"].(string)
	if client == "" || refresh == "" {
		t.Fatalf("registered %v, got %v", registration, answer)
	}
	return client, refresh
}

func refresh(t *testing.T, server *authserver.Server, client, token string) (status int, next string) {
	t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {client}, "refresh_token": {token}}
	status, answer := call(t, server, "/oauth/token", form.Encode())
	next, _ = answer["refresh_token"].(string)
	return status, next
}

func TestStateOutlivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	first := restored(t, path)
	old, token := first.KeyID(), mint(t, first, nil)
	first.Rotate()
	client, used := login(t, first)
	_, newest := refresh(t, first, client, used)

	second := restored(t, path)
	if second.KeyID() != first.KeyID() || second.KeyID() == old {
		t.Errorf("signs with %s, before with %s", second.KeyID(), first.KeyID())
	}
	var state struct{ Published []string }
	control(t, second, "keys", "", &state)
	if strings.Join(state.Published, " ") != first.KeyID()+" "+old {
		t.Errorf("publishes %v", state.Published)
	}
	recorder := httptest.NewRecorder()
	second.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "http://localhost/keys", nil))
	var set struct{ Keys []key }
	if err := json.Unmarshal(recorder.Body.Bytes(), &set); err != nil || len(set.Keys) != 2 || !signedBy(set.Keys[1].public(t), token) {
		t.Errorf("a token of before is not signed by the old key: %v", err)
	}
	status, again := refresh(t, second, client, newest)
	if status != http.StatusOK {
		t.Fatalf("refreshing after a restart: status %d", status)
	}
	third := restored(t, path)
	if status, _ := refresh(t, third, client, newest); status != http.StatusBadRequest {
		t.Errorf("a used refresh token was good again after a restart: status %d", status)
	}
	if status, _ := refresh(t, restored(t, path), client, again); status != http.StatusBadRequest {
		t.Errorf("the revocation did not outlive a restart: status %d", status)
	}
}

func TestWithdrawalOutlivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	first := restored(t, path)
	first.Withdraw(first.KeyID())
	var state struct {
		Signing   string
		Published []string
	}
	control(t, restored(t, path), "keys", "", &state)
	if state.Signing != first.KeyID() || len(state.Published) != 0 {
		t.Errorf("state is %+v", state)
	}
}

func TestStateFileIsPrivateAndHoldsNoToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	_, token := login(t, restored(t, path))
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), token[len(token)-20:]) {
		t.Errorf("the file holds the refresh token, or cannot be read: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestUnusableStateIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "good.json")
	login(t, restored(t, good))
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, replacement string) string {
		if !strings.Contains(string(data), old) {
			t.Fatalf("the state does not hold %s", old)
		}
		return strings.Replace(string(data), old, replacement, 1)
	}
	for name, content := range map[string]string{
		"empty":             "",
		"half":              string(data[:len(data)/2]),
		"more":              string(data) + "x",
		"not JSON":          "SK_ENV_URL=http://localhost:3003\n",
		"an object":         `{"name":"x"}`,
		"no member":         "{}",
		"another version":   replace("state/v1", "state/v2"),
		"another resource":  replace(authserver.DefaultResourceID, "res_1"),
		"damaged key":       replace(`"pkcs8":"MII`, `"pkcs8":"MIJ`),
		"key without id":    replace(`"kid":"snk_`, `"kid":"","x":"`),
		"foreign redirect":  replace("http://127.0.0.1:6276/cb", "javascript:alert(1)"),
		"token without id":  replace(`"hash":"`, `"hash":"","id":"`),
		"client without id": replace(`"clients":[{"client_id":"m2m_`, `"clients":[{"client_id":"","client_name":"`),
	} {
		path := filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		err := authserver.New(stateful(path)).Start()
		problem, ok := errors.AsType[*authserver.StateError](err)
		if !ok || problem.Path != path || !strings.Contains(problem.Remedy, "remove it") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != content {
			t.Errorf("%s: the file was changed: %v", name, err)
		}
	}
}

func TestStateFileOfOthersIsRefused(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	restored(t, path)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	problem, ok := errors.AsType[*authserver.StateError](authserver.New(stateful(path)).Restore())
	if !ok || !strings.Contains(problem.Remedy, "chmod 600") {
		t.Errorf("got %v", problem)
	}
	if _, ok := errors.AsType[*authserver.StateError](authserver.New(stateful(dir)).Restore()); !ok {
		t.Error("a directory is not named as what cannot be a state file")
	}
	if err := authserver.New(stateful(filepath.Join(dir, "missing", "state.json"))).Restore(); err == nil {
		t.Error("a state file in a missing directory was accepted")
	}
}

func TestStateThatCannotBeKeptIsAnError(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	server := restored(t, filepath.Join(dir, "state.json"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	status, answer := call(t, server, "/api/v1/resources/"+server.ResourceID()+"/clients:register", `{"redirect_uris":["http://localhost/"]}`)
	if status != http.StatusInternalServerError || answer["error"] != "server_error" || answer["client_id"] != nil {
		t.Errorf("registering: status %d, %v", status, answer)
	}
	if status, answer = call(t, server, "/dev/keys", `{"rotate":true}`); status != http.StatusInternalServerError {
		t.Errorf("rotating: status %d, %v", status, answer)
	}
}
