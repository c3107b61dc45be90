package contract_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
)

const machineSecret = "s&cret/of+the machine client"

// production is a reference server whose issuer is not under the checks' control, and that issuer.
type production struct {
	server *reference
	issuer *authserver.Server
	url    string // of the issuer's environment
	// document is the issuer's metadata, place where it is served, resource what the server publishes.
	document, resource map[string]any
	place              string
	uncontrolled       bool   // the issuer is another than the local authorization server
	keys               string // instead of the real ones, unless empty
	// token answers the token endpoint.
	token http.HandlerFunc

	mu       sync.Mutex
	received []string // everything that reached the issuer
}

// goodKey is large enough for production.
var goodKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// newProduction starts a server and its issuer, changed before anybody looks, and returns the target.
func newProduction(t *testing.T, broken, path string, change func(*production)) (contract.Target, *production) {
	t.Helper()
	p := &production{}
	front := httptest.NewServer(p)
	t.Cleanup(front.Close)
	key, err := goodKey()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	origin := "http://" + listener.Addr().String()
	p.url = front.URL
	p.issuer = authserver.New(authserver.Options{Environment: p.url, ServerURL: origin + path, SigningKeys: []*rsa.PrivateKey{key}})
	p.server = newReference(broken, origin, path, p.issuer)
	p.place = "/.well-known/oauth-authorization-server/resources/" + p.issuer.ResourceID()
	p.document = map[string]any{
		"issuer":                           p.issuer.Issuer(),
		"authorization_endpoint":           p.issuer.Issuer() + "/oauth/authorize",
		"token_endpoint":                   p.issuer.Issuer() + "/oauth/token",
		"registration_endpoint":            p.url + "/api/v1/resources/" + p.issuer.ResourceID() + "/clients:register",
		"jwks_uri":                         p.url + "/keys",
		"response_types_supported":         []string{"code"},
		"code_challenge_methods_supported": []string{"S256"},
	}
	if err := json.Unmarshal(p.server.metadata, &p.resource); err != nil {
		t.Fatal(err)
	}
	p.token = p.issueToken
	change(p)
	p.server.metadata, err = json.Marshal(p.resource)
	if err != nil {
		t.Fatal(err)
	}
	go p.server.keys.refreshUntilKnown(p.server.done)
	go func() { _ = p.server.http.Serve(listener) }()
	t.Cleanup(func() {
		_ = p.server.http.Close()
		close(p.server.done)
	})
	return contract.Target{Site: contract.Site{URL: origin + path}, Limits: limits, MaxRequests: 50}, p
}

func (p *production) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var header strings.Builder
	_ = r.Header.Write(&header)
	p.mu.Lock()
	p.received = append(p.received, r.Method+" "+r.URL.String()+"\n"+header.String()+string(body))
	p.mu.Unlock()
	switch {
	case r.URL.Path == p.place:
		_ = json.NewEncoder(w).Encode(p.document)
	case p.uncontrolled && strings.HasPrefix(r.URL.Path, "/dev/"), strings.Contains(r.URL.Path, "/.well-known/"):
		http.NotFound(w, r)
	case strings.HasSuffix(r.URL.Path, "/oauth/token"):
		p.token(w, r)
	case r.URL.Path == "/keys" && p.keys != "":
		_, _ = io.WriteString(w, p.keys)
	default:
		p.issuer.ServeHTTP(w, r)
	}
}

// issueToken is a token endpoint that insists on everything RFC 6749 and RFC 8707 say.
func (p *production) issueToken(w http.ResponseWriter, r *http.Request) {
	methods, _ := p.document["token_endpoint_auth_methods_supported"].([]string)
	id, secret := r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	if methods == nil || slices.Contains(methods, "client_secret_basic") {
		id, secret, _ = r.BasicAuth()
		secret, _ = url.QueryUnescape(secret)
	}
	right := id == "m2m_1" && secret == machineSecret && r.PostFormValue("grant_type") == "client_credentials" &&
		r.PostFormValue("resource") == p.resource["resource"] && r.PostFormValue("scope") == "org:read"
	if !right {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
		return
	}
	token, err := p.issuer.Mint(map[string]any{"scope": r.PostFormValue("scope")})
	if err != nil {
		panic(err)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 300})
}

// sawAny reports whether the issuer received one of the secrets.
func (p *production) sawAny(secrets ...string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, request := range p.received {
		for _, secret := range secrets {
			if secret != "" && strings.Contains(request, secret) {
				return true
			}
		}
	}
	return false
}
