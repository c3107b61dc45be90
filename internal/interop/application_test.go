package interop_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/mcpauth/mcpauth/internal/authserver"
	"golang.org/x/oauth2"
)

// An application sends people to an authorization server of its own, which asks them.
type application struct {
	auth     *authserver.Server
	config   oauth2.Config
	verifier string
	answers  chan url.Values
}

func newApplication(t *testing.T) *application {
	t.Helper()
	a := &application{verifier: oauth2.GenerateVerifier(), answers: make(chan url.Values, 1)}
	callback := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/callback" {
			a.answers <- r.URL.Query()
		}
	}))
	t.Cleanup(callback.Close)
	client := authserver.Client{ID: "m2m_70000000000000009", Name: "Interop client", RedirectURIs: []string{"http://127.0.0.1/callback"}}
	a.auth = authserver.New(authserver.Options{
		ServerURL: "http://127.0.0.1:3002/mcp",
		Scopes:    []string{readScope, writeScope},
		Clients:   []authserver.Client{client},
	})
	if err := a.auth.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.auth.Close() })
	a.config = oauth2.Config{
		ClientID:    client.ID,
		RedirectURL: callback.URL + "/callback",
		Scopes:      []string{readScope, "offline_access"},
		Endpoint: oauth2.Endpoint{
			AuthURL:   a.auth.Issuer() + "/oauth/authorize",
			TokenURL:  a.auth.Issuer() + "/oauth/token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
	return a
}

const state = "b2Ygbm8gaW1wb3J0YW5jZQ"

func (a *application) authorizationURL() string {
	return a.config.AuthCodeURL(state, oauth2.S256ChallengeOption(a.verifier), oauth2.SetAuthURLParam("resource", a.auth.ServerURL()))
}

// back is what the browser brought back from the authorization server.
func (a *application) back(t *testing.T) url.Values {
	t.Helper()
	select {
	case q := <-a.answers:
		if q.Get("state") != state || q.Get("iss") != a.auth.Issuer() {
			t.Errorf("came back with %v", q)
		}
		return q
	default:
		t.Fatal("nobody came back")
		return nil
	}
}

// finish gets a token for the code that the browser brought back, and returns its subject.
func (a *application) finish(t *testing.T) string {
	t.Helper()
	token, err := a.config.Exchange(t.Context(), a.back(t).Get("code"), oauth2.VerifierOption(a.verifier))
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token.AccessToken, &claims); err != nil {
		t.Fatal(err)
	}
	if token.RefreshToken == "" || !slices.Contains(claims.Audience, a.auth.ServerURL()) {
		t.Errorf("the token is for %q; there is a refresh token: %v", claims.Audience, token.RefreshToken != "")
	}
	return claims.Subject
}
