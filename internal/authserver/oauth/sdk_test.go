package oauth_test

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// protected is an MCP server behind tokens of the authorization server. Its tool write needs todo:write.
type protected struct {
	t      *testing.T
	issuer *authserver.Server
	url    string
	inner  http.Handler
}

func newProtected(t *testing.T, opts authserver.Options) *protected {
	t.Helper()
	p := &protected{t: t}
	listener := httptest.NewServer(p)
	t.Cleanup(listener.Close)
	p.url = listener.URL + "/mcp"
	opts.ServerURL, opts.Scopes, opts.AutoConsent = p.url, []string{"todo:read", "todo:write"}, true
	p.issuer = authserver.New(opts)
	if err := p.issuer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.issuer.Close(); err != nil {
			t.Error(err)
		}
	})
	server := mcp.NewServer(&mcp.Implementation{Name: "todo", Version: "1"}, nil)
	for _, tool := range []string{"read", "write"} {
		mcp.AddTool(server, &mcp.Tool{Name: tool}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: tool + " done"}}}, nil, nil
		})
	}
	p.inner = mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true})
	return p
}

func (p *protected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	metadata := strings.TrimSuffix(p.url, "/mcp") + "/.well-known/oauth-protected-resource/mcp"
	if r.URL.Path == "/.well-known/oauth-protected-resource/mcp" {
		auth.ProtectedResourceMetadataHandler(&oauthex.ProtectedResourceMetadata{
			Resource: p.url, AuthorizationServers: []string{p.issuer.Issuer()}, ScopesSupported: []string{"todo:read", "todo:write"},
		}).ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	scopes, err := p.verify(r.Header.Get("Authorization"))
	switch needsWrite := bytes.Contains(body, []byte(`"name":"write"`)); {
	case err != nil:
		w.Header().Set("WWW-Authenticate", `Bearer scope="todo:read", resource_metadata="`+metadata+`"`)
		http.Error(w, "no token", http.StatusUnauthorized)
	case needsWrite && !slices.Contains(scopes, "todo:write"):
		w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="todo:write", resource_metadata="`+metadata+`"`)
		http.Error(w, "not enough", http.StatusForbidden)
	default:
		p.inner.ServeHTTP(w, r)
	}
}

// verify checks a token with the published keys.
func (p *protected) verify(header string) ([]string, error) {
	token, found := strings.CutPrefix(header, "Bearer ")
	if !found {
		return nil, errors.New("no token")
	}
	var claims struct {
		jwt.RegisteredClaims
		Scope string `json:"scope"`
	}
	_, err := jwt.ParseWithClaims(token, &claims, p.key, jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(p.url),
		jwt.WithIssuer(p.issuer.Environment()), jwt.WithExpirationRequired())
	return strings.Fields(claims.Scope), err
}

func (p *protected) key(token *jwt.Token) (any, error) {
	response, err := http.Get(p.issuer.Environment() + "/keys")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var set struct{ Keys []struct{ Kid, N, E string } }
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		return nil, err
	}
	for _, k := range set.Keys {
		if k.Kid == token.Header["kid"] {
			n, err := base64.RawURLEncoding.DecodeString(k.N)
			return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}, err
		}
	}
	return nil, errors.New("unknown key")
}

// browse does what a browser would: it follows the authorization URL to the redirect.
func browse(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, args.URL, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	location, err := response.Location()
	if err != nil {
		return nil, err
	}
	answer := location.Query()
	return &auth.AuthorizationResult{Code: answer.Get("code"), State: answer.Get("state"), Iss: answer.Get("iss")}, nil
}

// TestSDKClientLogsInAndStepsUp drives the server with the SDK's own client, for each way of registering.
func TestSDKClientLogsInAndStepsUp(t *testing.T) {
	t.Parallel()
	h := newHost(t, document(nil))
	secret := &oauthex.ClientSecretAuth{ClientSecret: web().Secret}
	for name, tc := range map[string]struct {
		config auth.AuthorizationCodeHandlerConfig
		client string // empty where it is not known beforehand
	}{
		"registration": {auth.AuthorizationCodeHandlerConfig{DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{
				ClientName: "SDK", RedirectURIs: []string{callback}, TokenEndpointAuthMethod: "none", GrantTypes: []string{"authorization_code", "refresh_token"},
			},
		}}, ""},
		"confidential registration": {auth.AuthorizationCodeHandlerConfig{DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{ClientName: "SDK", RedirectURIs: []string{callback}},
		}}, ""},
		"document": {auth.AuthorizationCodeHandlerConfig{
			ClientIDMetadataDocumentConfig: &auth.ClientIDMetadataDocumentConfig{URL: h.id()},
		}, h.id()},
		"preregistered": {auth.AuthorizationCodeHandlerConfig{
			PreregisteredClient: &oauthex.ClientCredentials{ClientID: "m2m_2", ClientSecretAuth: secret},
		}, "m2m_2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newProtected(t, authserver.Options{DocumentClient: h.Client(), Clients: []authserver.Client{web()}})
			config := tc.config
			config.RedirectURL, config.AuthorizationCodeFetcher, config.RequestRefreshToken = callback, browse, true
			useTools(t, server, &config)
			grants, clients := 0, map[string]bool{}
			for _, request := range server.issuer.Requests() {
				if request.Grant == "authorization_code" && request.Status == http.StatusOK {
					grants++
					clients[request.ClientID] = true
				}
			}
			if grants != 2 || tc.client != "" && !clients[tc.client] {
				t.Errorf("%d codes were exchanged by %v, want two: the login and the step-up", grants, clients)
			}
		})
	}
}

// useTools calls a tool that the first token is good for, and one that needs another scope.
func useTools(t *testing.T, server *protected, config *auth.AuthorizationCodeHandlerConfig) {
	t.Helper()
	handler, err := auth.NewAuthorizationCodeHandler(config)
	if err != nil {
		t.Fatal(err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: server.url, OAuthHandler: handler}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	for _, tool := range []string{"read", "write", "read"} {
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool})
		if err != nil {
			t.Fatalf("calling %s: %v", tool, err)
		}
		if text, ok := result.Content[0].(*mcp.TextContent); !ok || text.Text != tool+" done" {
			t.Errorf("%s answered %v", tool, result.Content)
		}
	}
	source, err := handler.TokenSource(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	token, err := source.Token()
	if err != nil {
		t.Fatal(err)
	}
	scope, _ := token.Extra("scope").(string)
	sorted := slices.Sorted(slices.Values(strings.Fields(scope)))
	if strings.Join(sorted, " ") != "offline_access todo:read todo:write" || token.RefreshToken == "" {
		t.Errorf("after the step-up the scope is %q", scope)
	}
}
