package authserver

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"time"
)

func keyKinds() []badKind {
	const why = "the key id is not the one of a published key"
	return []badKind{
		headerKind("kid-unknown", why, Claims{"kid": "snk_00000000000000001"}),
		headerKind("kid-missing", "without kid nobody knows which key to use", Claims{"kid": nil}),
		headerKind("kid-empty", why, Claims{"kid": ""}),
		headerKind("kid-number", "kid must be a string", Claims{"kid": 7}),
		headerKind("kid-array", "kid must be one string", Claims{"kid": []string{"snk_1"}}),
		headerKind("kid-traversal", "kid tries to name a file", Claims{"kid": "../../../../dev/null"}),
		headerKind("kid-sql", "kid tries to be a query", Claims{"kid": "x' UNION SELECT 'key' -- "}),
		headerKind("kid-url", "kid tries to name a server", Claims{"kid": "http://127.0.0.1:1/key"}),
		headerKind("kid-nul", "kid holds a NUL", Claims{"kid": "snk_\x00"}),
		{"kid-case", "kid is compared exactly", func(f *forge) (string, error) {
			return f.sign(f.header(Claims{"kid": "SNK" + f.kid[3:]}), f.payload(nil))
		}},
		{"signature-other-key", "the right kid, but signed with a key that was never published", func(f *forge) (string, error) {
			return f.signStranger(f.header(nil), f.payload(nil))
		}},
	}
}

// embeddedKeyKinds bring the key, or say where to find it. RFC 7515 section 10.3 leaves it to the reader
// whether to trust it; the contract never does, not even when the signature is right.
func embeddedKeyKinds() []badKind {
	const why = "a token must not choose the key it is checked with"
	return []badKind{
		strangerKind("jwk", why, func(key *rsa.PrivateKey) (Claims, error) {
			return Claims{"jwk": newJSONWebKey("snk_00000000000000002", &key.PublicKey)}, nil
		}),
		strangerKind("jwk-own-kid", why, func(key *rsa.PrivateKey) (Claims, error) {
			const kid = "snk_00000000000000002"
			return Claims{"kid": kid, "jwk": newJSONWebKey(kid, &key.PublicKey)}, nil
		}),
		strangerKind("jku", why, func(*rsa.PrivateKey) (Claims, error) {
			return Claims{"jku": "http://127.0.0.1:1/keys"}, nil
		}),
		strangerKind("x5u", why, func(*rsa.PrivateKey) (Claims, error) {
			return Claims{"x5u": "http://127.0.0.1:1/chain"}, nil
		}),
		strangerKind("x5c", why, func(key *rsa.PrivateKey) (Claims, error) {
			chain, err := selfSigned(key)
			return Claims{"x5c": chain}, err
		}),
		{"jwk-signed", "an embedded jwk is refused even under a right signature", func(f *forge) (string, error) {
			header := f.header(Claims{"jwk": newJSONWebKey(f.kid, &f.key.PublicKey)})
			return f.sign(header, f.payload(nil))
		}},
		headerKind("jku-signed", "a jku is refused even under a right signature", Claims{"jku": "http://127.0.0.1:1/keys"}),
		headerKind("x5u-signed", "an x5u is refused even under a right signature", Claims{"x5u": "http://127.0.0.1:1/chain"}),
		{"x5c-signed", "an x5c is refused even under a right signature", func(f *forge) (string, error) {
			chain, err := selfSigned(f.key)
			if err != nil {
				return "", err
			}
			return f.sign(f.header(Claims{"x5c": chain}), f.payload(nil))
		}},
		headerKind("crit", "crit names an extension the server cannot know", Claims{
			"crit": []string{"urn:example:unknown"}, "urn:example:unknown": true,
		}),
		headerKind("crit-b64", "crit with b64 changes what is signed (RFC 7797)", Claims{"crit": []string{"b64"}, "b64": true}),
		headerKind("crit-exp", "crit may only name extensions, and none is known", Claims{"crit": []string{"exp"}, "exp": 4102444800}),
		headerKind("crit-empty", "crit must not be empty (RFC 7515 section 4.1.11)", Claims{"crit": []string{}}),
	}
}

// strangerKind signs with an unpublished key that the header points to.
func strangerKind(name, why string, header func(*rsa.PrivateKey) (Claims, error)) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		key, err := f.strangers.rsa()
		if err != nil {
			return "", err
		}
		changes, err := header(key)
		if err != nil {
			return "", err
		}
		return f.signStranger(f.header(changes), f.payload(nil))
	}}
}

// selfSigned is an x5c chain of one certificate, base64 and not base64url (RFC 7515 section 4.1.6).
func selfSigned(key *rsa.PrivateKey) ([]string, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "nobody"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return []string{base64.StdEncoding.EncodeToString(der)}, nil
}
