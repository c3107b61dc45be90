package authserver_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// badlySigned are the kinds whose defect is the signature, the algorithm or the serialization. Every
// other kind must carry a right signature: otherwise a server that checks nothing but signatures would
// seem to check more.
var badlySigned = []string{
	"alg-none", "alg-none-upper", "alg-none-mixed", "alg-none-signature", "rs384", "rs512", "ps256", "es256", "eddsa",
	"hs256-pem", "hs256-pem-pkcs1", "hs256-der", "hs256-modulus", "hs256-modulus-text", "hs256-jwk", "hs256-empty",
	"signature-other-key", "jwk", "jwk-own-kid", "jku", "x5u", "x5c",
	"signature-empty", "signature-truncated", "signature-extended", "signature-flipped", "signature-zero",
	"signature-of-another", "payload-flipped", "header-flipped",
	"segments-one", "segments-two", "segments-four", "segments-empty-fourth", "segments-leading", "jwe",
	"header-empty", "payload-empty", "dots", "opaque", "json-serialization", "whitespace", "trailing-word",
	"trailing-comma", "quoted", "nul", "non-ascii", "base64-padding", "base64-trailing-bits", "base64-standard", "base64-illegal",
}

func TestKindsAreNamedAndExplained(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{ServerURL: serverURL})
	kinds := server.BadKinds()
	if len(kinds) < 100 {
		t.Errorf("%d kinds of bad tokens", len(kinds))
	}
	sorted := slices.Sorted(slices.Values(kinds))
	if len(slices.Compact(sorted)) != len(kinds) {
		t.Errorf("a kind appears twice: %v", kinds)
	}
	for _, kind := range kinds {
		if server.Why(kind) == "" {
			t.Errorf("%s: no reason given", kind)
		}
		if strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("%q is no good command line argument", kind)
		}
	}
	for _, kind := range badlySigned {
		if !slices.Contains(kinds, kind) {
			t.Errorf("%s is not in the table", kind)
		}
	}
}

func TestBadTokensHaveOneDefectOnly(t *testing.T) {
	t.Parallel()
	for _, url := range []string{serverURL, "http://127.0.0.1:3002/", ""} {
		server := start(t, authserver.Options{ServerURL: url})
		public := fetchKeys(t, server)[0].public(t)
		if !signedBy(public, mint(t, server, nil)) {
			t.Fatal("the good token is not signed by the published key")
		}
		for _, kind := range server.BadKinds() {
			token, err := server.Bad(kind)
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			if want := !slices.Contains(badlySigned, kind); signedBy(public, token) != want {
				t.Errorf("%s: rightly signed is %v, want %v", kind, !want, want)
			}
		}
	}
}

// signedBy checks an RS256 signature strictly and looks at nothing else.
func signedBy(key *rsa.PublicKey, token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
}

func TestLenientSpellingsReadAsTheRightSignature(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	public := fetchKeys(t, server)[0].public(t)
	lenient := map[string]func(string) ([]byte, error){
		"base64-padding":       base64.URLEncoding.DecodeString,
		"base64-trailing-bits": base64.RawURLEncoding.DecodeString,
		"base64-standard":      base64.RawStdEncoding.DecodeString,
	}
	for kind, decode := range lenient {
		token, err := server.Bad(kind)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(token, ".")
		signature, err := decode(parts[2])
		if err != nil {
			t.Errorf("%s: a lenient decoder refuses it too: %v", kind, err)
			continue
		}
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature); err != nil {
			t.Errorf("%s: a lenient decoder reads another signature: %v", kind, err)
		}
	}
}

func TestOversizedTokenIsOnlyJustTooLarge(t *testing.T) {
	t.Parallel()
	token, err := start(t, authserver.Options{ServerURL: serverURL}).Bad("oversized")
	if err != nil {
		t.Fatal(err)
	}
	if len(token) <= 8<<10 || len(token) > 14<<10 {
		t.Errorf("the oversized token has %d bytes; it must pass the header limit and not the token limit", len(token))
	}
}

func TestUnknownKindIsAnError(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	if token, err := server.Bad("fine"); !errors.Is(err, authserver.ErrUnknownKind) || token != "" {
		t.Errorf("got %q, %v", token, err)
	}
	if why := server.Why("fine"); why != "" {
		t.Errorf("explained as %q", why)
	}
}

// TestForeignAudienceIsNotTheServersOwn: projects rendered with --dev have the id res_1.
func TestForeignAudienceIsNotTheServersOwn(t *testing.T) {
	t.Parallel()
	server := authserver.New(authserver.Options{Environment: "http://127.0.0.1:1", ResourceID: "res_1"})
	token, err := server.Bad("audience")
	if err != nil {
		t.Fatal(err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil || strings.Contains(string(payload), `"res_1"`) || !strings.Contains(string(payload), `"aud":["https://elsewhere.example/mcp"`) {
		t.Errorf("claims are %s: %v", payload, err)
	}
}
