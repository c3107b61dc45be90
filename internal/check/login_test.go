package check_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

// logInWithSDK lets the SDK's client find out everything by itself: where to log in, how to register, what
// scope to ask for.
func logInWithSDK(t *testing.T, target contract.Target) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{}}
	if target.TLS != nil {
		transport.TLSClientConfig = target.TLS.Clone()
	}
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName: "check", RedirectURIs: []string{"http://127.0.0.1:6276/callback"}, TokenEndpointAuthMethod: "none",
		}},
		AuthorizationCodeFetcher: browse,
		Client:                   &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "check", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: target.URL, OAuthHandler: handler, HTTPClient: &http.Client{Transport: transport},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami", Arguments: map[string]any{}})
	if err != nil || result.IsError {
		t.Fatalf("whoami after logging in: %+v, %v", result, err)
	}
	text, err := result.Content[0].MarshalJSON()
	if err != nil || !bytes.Contains(text, []byte(authserver.DefaultSubject)) {
		t.Errorf("whoami answered %s, %v", text, err)
	}
}

// browse does what a browser would, with an authorization server that asks nobody: it goes to the
// authorization URL and comes back with what the redirect says.
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
