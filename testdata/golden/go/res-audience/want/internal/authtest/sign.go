package authtest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"sync"

	"github.com/golang-jwt/jwt/v5"
)

// Making a key takes a tenth of a second, so the issuers of one test binary share theirs.
var keys = [4]func() *rsa.PrivateKey{
	sync.OnceValue(newKey), sync.OnceValue(newKey), sync.OnceValue(newKey), sync.OnceValue(newKey),
}

// Key returns the key with the number n, from 0 to 3. No issuer ever publishes key 0.
func Key(n int) *rsa.PrivateKey { return keys[n]() }

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func keyID(n int) string { return fmt.Sprintf("key-%d", n) }

// JWK returns the published form of key (RFC 7517).
func JWK(kid string, key *rsa.PublicKey) map[string]string {
	return map[string]string{
		"kid": kid, "kty": "RSA", "use": "sig", "alg": "RS256",
		"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
	}
}

// Sign returns the JWT of any header and claims, JSON or not.
func Sign(method jwt.SigningMethod, key any, header, claims string) string {
	signed := encode([]byte(header)) + "." + encode([]byte(claims))
	signature, err := method.Sign(signed, key)
	if err != nil {
		panic(err)
	}
	return signed + "." + encode(signature)
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func object(members, replace map[string]any) string {
	maps.Copy(members, replace)
	maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil })
	data, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(data)
}
