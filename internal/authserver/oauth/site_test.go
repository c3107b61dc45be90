package oauth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

const (
	environment = "http://localhost:3003"
	resourceID  = "res_70000000000000001"
	issuer      = environment + "/resources/" + resourceID
	serverURL   = "http://localhost:3002/mcp"
	callback    = "http://127.0.0.1:6276/oauth/callback"
	verifier    = "a-verifier-of-forty-three-characters-or-more"

	authorizePath    = "/resources/" + resourceID + "/oauth/authorize"
	tokenPath        = "/resources/" + resourceID + "/oauth/token"
	registrationPath = "/api/v1/resources/" + resourceID + "/clients:register"
)

// signingKey is shared: generating one takes 100 ms.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// site is a server that is called without a network.
type site struct {
	t      *testing.T
	server *authserver.Server
	clock  *clock
}

// clock is a time that moves on request.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// machine and web are the clients registered beforehand.
func machine() authserver.Client {
	return authserver.Client{ID: "m2m_1", Secret: "machine secret:/", Name: "Nightly job", Scopes: []string{"todo:read", "elsewhere"}}
}

func web() authserver.Client {
	return authserver.Client{ID: "m2m_2", Secret: "web-secret", Name: "Web", RedirectURIs: []string{"https://app.example/cb?tenant=1", callback}}
}

func newSite(t *testing.T, change func(*authserver.Options)) *site {
	t.Helper()
	key, err := signingKey()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, clock: &clock{now: time.Now()}}
	opts := authserver.Options{
		Environment: environment,
		ServerURL:   serverURL,
		Scopes:      []string{"todo:read", "todo:write"},
		Clients:     []authserver.Client{machine(), web()},
		AutoConsent: true,
		SigningKeys: []*rsa.PrivateKey{key},
		Now:         s.clock.read,
	}
	if change != nil {
		change(&opts)
	}
	s.server = authserver.New(opts)
	return s
}

func (s *site) do(r *http.Request) *http.Response {
	s.t.Helper()
	recorder := httptest.NewRecorder()
	r.Host = "localhost:3003"
	s.server.ServeHTTP(recorder, r)
	return recorder.Result()
}

func (s *site) get(path string) *http.Response {
	s.t.Helper()
	return s.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (s *site) post(path string, form url.Values, change func(*http.Request)) *http.Response {
	s.t.Helper()
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(request)
	}
	return s.do(request)
}

// object decodes a JSON answer and checks its status.
func object(t *testing.T, response *http.Response, status int) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
		t.Fatalf("status %d, no JSON: %v", response.StatusCode, err)
	}
	if response.StatusCode != status || response.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, %s: %v; want %d", response.StatusCode, response.Header.Get("Content-Type"), document, status)
	}
	return document
}

// refused checks an error answer of a JSON endpoint.
func refused(t *testing.T, response *http.Response, status int, code string) {
	t.Helper()
	document := object(t, response, status)
	if description, _ := document["error_description"].(string); document["error"] != code || description == "" {
		t.Errorf("refused with %v, want %s and a description", document, code)
	}
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
}

// register registers a public client, with changes laid over its metadata, and returns its id.
func (s *site) register(changes map[string]any) string {
	s.t.Helper()
	id, _ := object(s.t, s.tryRegister(changes), http.StatusCreated)["client_id"].(string)
	return id
}

func (s *site) tryRegister(changes map[string]any) *http.Response {
	s.t.Helper()
	metadata := map[string]any{
		"redirect_uris": []string{callback}, "token_endpoint_auth_method": "none",
		"grant_types": []string{"authorization_code", "refresh_token"}, "client_name": "Test client",
	}
	maps.Copy(metadata, changes)
	body, err := json.Marshal(metadata)
	if err != nil {
		s.t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, registrationPath, strings.NewReader(string(body)))
	request.Header.Set("Content-Type", "application/json")
	return s.do(request)
}

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// with lays changes over values; an empty one removes the parameter.
func with(values url.Values, changes map[string]string) url.Values {
	for name, value := range changes {
		values.Set(name, value)
		if value == "" {
			values.Del(name)
		}
	}
	return values
}

// request is a good authorization request.
func request(client string, changes map[string]string) url.Values {
	return with(url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {callback}, "state": {"s t/ate"},
		"scope": {"todo:read"}, "code_challenge": {challenge()}, "code_challenge_method": {"S256"}, "resource": {serverURL},
	}, changes)
}

// redirected returns the query with which an authorization request sends the person back.
func (s *site) redirected(response *http.Response) url.Values {
	s.t.Helper()
	if response.StatusCode != http.StatusFound && response.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("status %d, want a redirect", response.StatusCode)
	}
	location, err := response.Location()
	if err != nil {
		s.t.Fatal(err)
	}
	return location.Query()
}

// code logs in and returns the code.
func (s *site) code(client string, changes map[string]string) string {
	s.t.Helper()
	answer := s.redirected(s.get(authorizePath + "?" + request(client, changes).Encode()))
	if answer.Get("code") == "" {
		s.t.Fatalf("no code: %v", answer)
	}
	return answer.Get("code")
}

// exchange is a good token request for a code.
func exchange(client, code string, changes map[string]string) url.Values {
	return with(url.Values{
		"grant_type": {"authorization_code"}, "client_id": {client}, "code": {code}, "redirect_uri": {callback},
		"code_verifier": {verifier}, "resource": {serverURL},
	}, changes)
}

// tokens logs in with a scope and returns the answer of the token endpoint.
func (s *site) tokens(client, scope string) map[string]any {
	s.t.Helper()
	code := s.code(client, map[string]string{"scope": scope})
	return object(s.t, s.post(tokenPath, exchange(client, code, nil), nil), http.StatusOK)
}

// claims reads the payload of the access token in an answer.
func claims(t *testing.T, answer map[string]any) map[string]any {
	t.Helper()
	token, _ := answer["access_token"].(string)
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("the access token has %d parts", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(payload, &document); err != nil {
		t.Fatal(err)
	}
	return document
}
