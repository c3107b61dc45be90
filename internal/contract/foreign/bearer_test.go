package foreign_test

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
)

// childVariable makes this test binary play the server of startBearer.
const childVariable = "FOREIGN_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	log.Fatal(http.ListenAndServe(os.Getenv("HOST")+":"+os.Getenv("PORT"), bearerServer()))
}

// startBearer starts a server with the go-sdk's own protection and a JWT library's defaults: what people write first.
// It trusts the local authorization server, so that every check has the tokens it needs.
func startBearer(t *testing.T) contract.Target {
	server := stand.Server{Path: os.Args[0], Env: []string{childVariable + "=1"}, MCPPath: "/mcp"}
	target, err := server.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	target.Limits = fastLimits()
	return target
}

func bearerServer() http.Handler {
	server := mcp.NewServer(&mcp.Implementation{Name: "bearer", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "whoami"}, func(_ context.Context, req *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: req.Extra.TokenInfo.UserID}}}, nil, nil
	})
	endpoint := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)
	protect := auth.RequireBearerToken(verifyJWT, &auth.RequireBearerTokenOptions{
		ResourceMetadataURL: "http://" + os.Getenv("HOST") + ":" + os.Getenv("PORT") + wellKnown,
	})
	mux := http.NewServeMux()
	mux.Handle("/mcp", protect(endpoint))
	mux.HandleFunc(wellKnown, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, os.Getenv("PROTECTED_RESOURCE_METADATA"))
	})
	mux.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	return mux
}

func verifyJWT(ctx context.Context, token string, _ *http.Request) (*auth.TokenInfo, error) {
	var claims struct {
		jwt.RegisteredClaims
		Scope string `json:"scope"`
	}
	_, err := jwt.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return fetchKey(ctx, kid)
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", auth.ErrInvalidToken, err)
	}
	info := &auth.TokenInfo{UserID: claims.Subject, Scopes: strings.Fields(claims.Scope)}
	if claims.ExpiresAt != nil {
		info.Expiration = claims.ExpiresAt.Time
	}
	return info, nil
}

// fetchKey asks for the keys each time.
func fetchKey(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, os.Getenv("SK_ENV_URL")+"/keys", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var set struct{ Keys []struct{ Kid, N, E string } }
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		return nil, err
	}
	for _, key := range set.Keys {
		n, errN := base64.RawURLEncoding.DecodeString(key.N)
		e, errE := base64.RawURLEncoding.DecodeString(key.E)
		if key.Kid == kid && errN == nil && errE == nil {
			return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
		}
	}
	return nil, errors.New("no such key")
}
