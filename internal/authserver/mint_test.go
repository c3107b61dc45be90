package authserver_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

func segment(t *testing.T, token string, i int) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func header(t *testing.T, token string) map[string]any  { return segment(t, token, 0) }
func payload(t *testing.T, token string) map[string]any { return segment(t, token, 1) }

func mint(t *testing.T, server *authserver.Server, claims authserver.Claims) string {
	t.Helper()
	token, err := server.Mint(claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestMintedTokenIsAcceptedByAnotherImplementation(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{ServerURL: serverURL})
	public := fetchKeys(t, server)[0].public(t)
	parsed, err := jwt.Parse(mint(t, server, nil), func(*jwt.Token) (any, error) { return public, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(serverURL), jwt.WithIssuer(server.Environment()),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithStrictDecoding())
	if err != nil || !parsed.Valid {
		t.Fatalf("a good token was refused: %v", err)
	}
}

func TestMintedClaimsHaveScalekitsShape(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{ServerURL: serverURL, Lifetime: 5 * time.Minute})
	claims := payload(t, mint(t, server, nil))
	if got := fmt.Sprint(claims["aud"]); got != "["+serverURL+" "+server.ResourceID()+"]" {
		t.Errorf("aud is %v", got)
	}
	for claim, prefix := range map[string]string{"sub": "usr_", "client_id": "m2m_", "oid": "org_", "jti": "tkn_"} {
		if text, _ := claims[claim].(string); !strings.HasPrefix(text, prefix) {
			t.Errorf("%s is %v, want %s…", claim, claims[claim], prefix)
		}
	}
	issued, expires := claims["iat"].(float64), claims["exp"].(float64)
	if expires-issued != 300 || claims["nbf"] != claims["iat"] {
		t.Errorf("iat %v, nbf %v, exp %v", claims["iat"], claims["nbf"], claims["exp"])
	}
	if _, found := claims["scope"]; found {
		t.Error("a scope was granted that nobody asked for")
	}
	if first, second := claims["jti"], payload(t, mint(t, server, nil))["jti"]; first == second {
		t.Errorf("two tokens share the jti %v", first)
	}
}

func TestMintLaysClaimsOverTheDefaults(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	claims := payload(t, mint(t, server, authserver.Claims{"sub": "usr_1", "nbf": nil, "scope": "a b", "scopes": []string{"c"}}))
	if _, found := claims["nbf"]; found {
		t.Error("a claim set to nil is still there")
	}
	if claims["sub"] != "usr_1" || claims["scope"] != "a b" || fmt.Sprint(claims["scopes"]) != "[c]" {
		t.Errorf("claims are %v", claims)
	}
	if got := fmt.Sprint(claims["aud"]); got != "["+server.ResourceID()+"]" {
		t.Errorf("without a Server URL aud is %v", got)
	}
}

func TestIssuerFormIsSwitchable(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	if got := payload(t, mint(t, server, nil))["iss"]; got != server.Environment() {
		t.Errorf("iss is %v", got)
	}
	server.UseIssuer(authserver.ResourceIssuer)
	if got := payload(t, mint(t, server, nil))["iss"]; got != server.Issuer() {
		t.Errorf("iss is %v after switching", got)
	}
	server.UseIssuer(authserver.EnvironmentIssuer)
	if got := payload(t, mint(t, server, nil))["iss"]; got != server.Environment() {
		t.Errorf("iss is %v after switching back", got)
	}
}

func TestMintRefusesWhatHasNoJSONForm(t *testing.T) {
	t.Parallel()
	if token, err := start(t, authserver.Options{}).Mint(authserver.Claims{"x": func() {}}); err == nil {
		t.Errorf("minted %q", token)
	}
}

func TestGivenKeysAreUsedInOrder(t *testing.T) {
	t.Parallel()
	first, second := newKey(t), newKey(t)
	server := start(t, authserver.Options{SigningKeys: []*rsa.PrivateKey{first, second}})
	for _, want := range []*rsa.PrivateKey{first, second} {
		if !signedBy(&want.PublicKey, mint(t, server, nil)) {
			t.Error("signed with another key than the given one")
		}
		server.Rotate()
	}
	token := mint(t, server, nil)
	if signedBy(&first.PublicKey, token) || signedBy(&second.PublicKey, token) || !signedBy(fetchKeys(t, server)[0].public(t), token) {
		t.Error("after the last given key no key was generated")
	}
}

// TestPoolLendsTheSameKeysUnderOtherIDs wants servers with one pool to share keys, and each never to use one twice.
func TestPoolLendsTheSameKeysUnderOtherIDs(t *testing.T) {
	t.Parallel()
	opts := authserver.Options{Pool: authserver.NewPool()}
	one, other := start(t, opts), start(t, opts)
	if one.KeyID() == other.KeyID() {
		t.Errorf("both sign with %s", one.KeyID())
	}
	first := fetchKeys(t, other)[0].public(t)
	if !signedBy(first, mint(t, one, nil)) {
		t.Error("the first keys differ")
	}
	one.Rotate()
	if signedBy(first, mint(t, one, nil)) {
		t.Error("after a rotation it signs with the same key")
	}
	if !signedBy(first, mint(t, other, nil)) {
		t.Error("a rotation of one changes the other")
	}
	stranger, err := one.Bad("signature-other-key")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range fetchKeys(t, one) {
		if signedBy(key.public(t), stranger) {
			t.Error("a key that is never published is published")
		}
	}
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func BenchmarkMint(b *testing.B) {
	server := authserver.New(authserver.Options{Environment: "http://127.0.0.1:1", ServerURL: serverURL})
	if _, err := server.Mint(nil); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := server.Mint(nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
