package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/acme/Mixed-Case_server.v2/internal/authtest"
)

const resource = "https://mcp.example.com/mcp"

type object = map[string]any

// offline carries requests to a handler without a network: the clock of synctest stands still during network input.
type offline struct{ http.Handler }

func (o offline) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func newKeys(issuer *authtest.Issuer) *Keys {
	k := NewKeys(issuer.URL+"/keys", slog.New(slog.DiscardHandler))
	k.client.Transport = offline{issuer}
	return k
}

func newVerifier(issuer *authtest.Issuer) *Verifier {
	return NewVerifier(newKeys(issuer),
		[]string{issuer.URL, issuer.URL + "/resources/" + authtest.Audience},
		[]string{authtest.Audience, resource, resource + "/"})
}

func TestC07GoodTokens(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	for name, claims := range map[string]object{
		"as minted":                 nil,
		"issuer is the environment": {"iss": issuer.URL},
		"issuer is the resource's":  {"iss": issuer.URL + "/resources/" + authtest.Audience},
		"audience is the id":        {"aud": authtest.Audience},
		"audience is the URL":       {"aud": resource},
		"audience with a slash":     {"aud": resource + "/"},
		"audience among others":     {"aud": []string{"https://other.example.com", resource}},
		"expiry with a fraction":    {"exp": float64(time.Now().Unix()) + 60.5},
		"no times but the expiry":   {"nbf": nil, "iat": nil},
		"claims not known here":     {"extra": object{"sub": 1}, "SUB": 1},
	} {
		caller, err := verifier.Verify(t.Context(), issuer.Mint(claims))
		if err != nil || caller.Subject != "usr_1" || caller.ClientID != "skc_1" || caller.Organization != "org_1" {
			t.Errorf("%s: got %+v, %v", name, caller, err)
		}
	}
	if caller, err := verifier.Verify(t.Context(), issuer.Mint(object{"oid": nil, "org_id": "org_2"})); err != nil || caller.Organization != "org_2" {
		t.Errorf("older name of the organization: got %+v, %v", caller, err)
	}
}

func TestC07ForgedTokens(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	good := issuer.Mint(nil)
	if _, err := verifier.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for _, tokens := range []map[string]string{
		malformedTokens(issuer, good), badHeaders(issuer), badSignatures(issuer, good), badClaims(issuer), ambiguousClaims(issuer),
	} {
		for name, token := range tokens {
			_, err := verifier.Verify(t.Context(), token)
			if !errors.Is(err, ErrInvalid) || errors.Is(err, ErrUnavailable) {
				t.Errorf("%s: got %v, want an invalid token", name, err)
			}
			for _, part := range []string{"usr_", "res_", "key-", "http", "evil"} {
				if err != nil && strings.Contains(err.Error(), part) {
					t.Errorf("%s: the error quotes the token: %v", name, err)
				}
			}
		}
	}
}

func malformedTokens(issuer *authtest.Issuer, good string) map[string]string {
	parts := strings.Split(good, ".")
	header, claims := issuer.Header(nil), issuer.Claims(nil)
	return map[string]string{
		"no parts":           "token",
		"only dots":          "..",
		"two parts":          parts[0] + "." + parts[1],
		"four parts":         good + ".",
		"padded":             good + "=",
		"spaces":             parts[0] + ". " + parts[1] + "." + parts[2],
		"header is null":     issuer.Sign("null", claims),
		"header is an array": issuer.Sign("["+header+"]", claims),
		"header goes on":     issuer.Sign(header+"{}", claims),
		"claims are null":    issuer.Sign(header, "null"),
		"claims are a list":  issuer.Sign(header, "["+claims+"]"),
		"claims are a text":  issuer.Sign(header, `"`+authtest.Audience+`"`),
		"claims cut short":   issuer.Sign(header, claims[:len(claims)-1]),
		"claims go on":       issuer.Sign(header, claims+"{}"),
		"claims not UTF-8":   issuer.Sign(header, strings.Replace(claims, "usr_1", "usr_\xff", 1)),
		"longer than 8 KiB":  issuer.Mint(object{"pad": strings.Repeat("x", 8<<10)}),
	}
}

func badHeaders(issuer *authtest.Issuer) map[string]string {
	tokens := map[string]string{
		"kid twice": issuer.Sign(`{"kid":"key-0",`+issuer.Header(nil)[1:], issuer.Claims(nil)),
		"alg twice": issuer.Sign(`{"alg":"none",`+issuer.Header(nil)[1:], issuer.Claims(nil)),
	}
	for name, header := range map[string]object{
		"no kid":           {"kid": nil},
		"empty kid":        {"kid": ""},
		"kid is a number":  {"kid": 1},
		"kid of no key":    {"kid": "key-9"},
		"kid in capitals":  {"kid": nil, "KID": "key-1"},
		"crit":             {"crit": []string{"exp"}},
		"key in the token": {"jwk": authtest.JWK("key-1", &authtest.Key(1).PublicKey)},
		"jku":              {"jku": issuer.URL + "/keys"},
		"x5c":              {"x5c": []string{"MIIB"}},
		"x5u":              {"x5u": issuer.URL},
		"no alg":           {"alg": nil},
		"alg in lower":     {"alg": "rs256"},
	} {
		tokens[name] = issuer.Sign(issuer.Header(header), issuer.Claims(nil))
	}
	return tokens
}

func badSignatures(issuer *authtest.Issuer, good string) map[string]string {
	parts := strings.Split(good, ".")
	admin := strings.Split(issuer.Mint(object{"sub": "usr_admin"}), ".")
	key := authtest.Key(1)
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, ed, _ := ed25519.GenerateKey(nil)
	der, _ := x509.MarshalPKIXPublicKey(&key.PublicKey)
	tokens := map[string]string{
		"no signature":            parts[0] + "." + parts[1] + ".",
		"claims of another token": parts[0] + "." + admin[1] + "." + parts[2],
		"signed by another key":   authtest.Sign(jwt.SigningMethodRS256, authtest.Key(0), issuer.Header(nil), issuer.Claims(nil)),
	}
	for name, by := range map[string]struct {
		method jwt.SigningMethod
		key    any
	}{
		"none":                    {jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType},
		"HS256, public key (PEM)": {jwt.SigningMethodHS256, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})},
		"HS256, public key (DER)": {jwt.SigningMethodHS256, der},
		"HS256, modulus":          {jwt.SigningMethodHS256, key.N.Bytes()},
		"RS384":                   {jwt.SigningMethodRS384, key},
		"RS512":                   {jwt.SigningMethodRS512, key},
		"PS256":                   {jwt.SigningMethodPS256, key},
		"ES256":                   {jwt.SigningMethodES256, ec},
		"EdDSA":                   {jwt.SigningMethodEdDSA, ed},
	} {
		header := issuer.Header(object{"alg": by.method.Alg()})
		tokens[name] = authtest.Sign(by.method, by.key, header, issuer.Claims(nil))
		if name != "none" {
			tokens[name+" said to be RS256"] = authtest.Sign(by.method, by.key, issuer.Header(nil), issuer.Claims(nil))
		}
	}
	return tokens
}

func badClaims(issuer *authtest.Issuer) map[string]string {
	now := time.Now().Unix()
	tokens := make(map[string]string)
	for name, claims := range map[string]object{
		"expired":                 {"exp": now - 60},
		"no exp":                  {"exp": nil},
		"exp is a text":           {"exp": "9999999999"},
		"exp is negative":         {"exp": -1},
		"exp out of range":        {"exp": 1e300},
		"not valid yet":           {"nbf": now + 60},
		"nbf is a text":           {"nbf": "0"},
		"nbf is negative":         {"nbf": -1},
		"nbf out of range":        {"nbf": 1e300},
		"issued in the future":    {"iat": now + 60},
		"iat is a bool":           {"iat": true},
		"no iss":                  {"iss": nil},
		"foreign iss":             {"iss": "https://evil.example"},
		"iss goes on":             {"iss": issuer.URL + ".evil.example"},
		"iss with a slash":        {"iss": issuer.URL + "/"},
		"iss of another resource": {"iss": issuer.URL + "/resources/res_2"},
		"iss is a list":           {"iss": []string{issuer.URL}},
		"iss in capitals":         {"iss": nil, "ISS": issuer.URL},
		"no aud":                  {"aud": nil},
		"foreign aud":             {"aud": "https://other.example.com"},
		"empty aud":               {"aud": []string{}},
		"aud is the host":         {"aud": "https://mcp.example.com"},
		"aud below the URL":       {"aud": resource + "/admin"},
		"aud with two slashes":    {"aud": resource + "//"},
		"aud of a longer id":      {"aud": authtest.Audience + "2"},
		"aud of a shorter id":     {"aud": "res_"},
		"aud in one text":         {"aud": authtest.Audience + " " + resource},
		"aud is an object":        {"aud": object{authtest.Audience: true}},
		"aud with a number":       {"aud": []any{authtest.Audience, 1}},
		"aud with null":           {"aud": []any{authtest.Audience, nil}},
		"no sub":                  {"sub": nil},
		"empty sub":               {"sub": ""},
		"sub is a number":         {"sub": 1},
		"sub in capitals":         {"sub": nil, "SUB": "usr_1"},
		"client_id is a number":   {"client_id": 1},
		"oid is a list":           {"oid": []string{"org_1"}},
		"org_id is a number":      {"org_id": 1},
		"scope is a list":         {"scope": []string{"a"}},
		"scopes is a text":        {"scopes": "a"},
		"scopes with a number":    {"scopes": []any{"a", 1}},
		"scopes with null":        {"scopes": []any{"a", nil}},
	} {
		tokens[name] = issuer.Mint(claims)
	}
	return tokens
}

// ambiguousClaims are what two JSON parsers may read in two ways.
func ambiguousClaims(issuer *authtest.Issuer) map[string]string {
	tokens := make(map[string]string)
	for _, first := range []string{
		`"sub":"usr_admin"`, `"s\u0075b":"usr_admin"`, `"exp":9999999999`, `"aud":"res_2"`, `"iss":"https://evil.example"`,
		`"iat":null,"iat":0`, `"scope":"a","scope":"b"`, `"scopes":null`, `"scope":null`,
	} {
		tokens["first "+first] = issuer.Sign(issuer.Header(nil), "{"+first+","+issuer.Claims(nil)[1:])
	}
	return tokens
}

func TestC07EveryCharacterCounts(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	good := issuer.Mint(nil)
	if _, err := verifier.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		other := "A"
		if good[i] == 'A' {
			other = "B"
		}
		if _, err := verifier.Verify(t.Context(), good[:i]+other+good[i+1:]); err == nil {
			t.Errorf("accepted with character %d changed", i)
		}
	}
}

func TestC07Leeway(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		claim  string
		offset int64 // seconds from now
		valid  bool
	}{
		{"exp", -29, true}, {"exp", -30, false}, {"exp", 0, true},
		{"nbf", 30, true}, {"nbf", 31, false},
		{"iat", 30, true}, {"iat", 31, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			issuer := authtest.New()
			token := issuer.Mint(object{test.claim: time.Now().Unix() + test.offset})
			if _, err := newVerifier(issuer).Verify(t.Context(), token); (err == nil) != test.valid {
				t.Errorf("%s %+d s: got %v, want valid %v", test.claim, test.offset, err, test.valid)
			}
		})
	}
}

func TestC08ForeignTokensCauseNoFetch(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	for _, token := range []string{
		issuer.Mint(object{"iss": "https://evil.example"}), issuer.Mint(object{"aud": "res_2"}), issuer.Mint(object{"sub": ""}),
		issuer.Sign(issuer.Header(object{"kid": nil}), issuer.Claims(nil)), issuer.Sign(issuer.Header(object{"kid": ""}), issuer.Claims(nil)),
		authtest.Sign(jwt.SigningMethodHS256, []byte("x"), issuer.Header(object{"alg": "HS256"}), issuer.Claims(nil)),
	} {
		if _, err := verifier.Verify(t.Context(), token); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v, want an invalid token", token, err)
		}
	}
	if n := len(issuer.Fetches()); n != 0 {
		t.Errorf("%d fetches, want none", n)
	}
}

func TestC10Scopes(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	for _, test := range []struct {
		claims object
		want   []string
	}{
		{object{"scope": "a b"}, []string{"a", "b"}},
		{object{"scopes": []string{"a", "b"}}, []string{"a", "b"}},
		{object{"scope": "a b", "scopes": []string{"b", "c"}}, []string{"a", "b", "c"}},
		{object{"scope": "a", "scopes": []string{}}, []string{"a"}},
		{object{"SCOPE": "a", "Scopes": []string{"a"}}, nil},
	} {
		caller, err := verifier.Verify(t.Context(), issuer.Mint(test.claims))
		if err != nil {
			t.Errorf("%v: %v", test.claims, err)
		} else if len(caller.Scopes)+len(test.want) > 0 && !reflect.DeepEqual(caller.Scopes, test.want) {
			t.Errorf("%v: got %q, want %q", test.claims, caller.Scopes, test.want)
		}
	}
}
