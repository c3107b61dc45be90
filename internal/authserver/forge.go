package authserver

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// strangers are key pairs that were never published. They are generated when first needed.
type strangers struct {
	rsa     func() (*rsa.PrivateKey, error)
	ecdsa   func() (*ecdsa.PrivateKey, error)
	ed25519 func() (ed25519.PrivateKey, error)
}

func newStrangers() *strangers {
	return &strangers{
		rsa: sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, rsaBits) }),
		ecdsa: sync.OnceValues(func() (*ecdsa.PrivateKey, error) {
			return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		}),
		ed25519: sync.OnceValues(func() (ed25519.PrivateKey, error) {
			_, private, err := ed25519.GenerateKey(rand.Reader)
			return private, err
		}),
	}
}

// forge makes one bad token. It holds what a good token would be made of.
type forge struct {
	server    *Server
	key       *rsa.PrivateKey
	kid       string
	strangers *strangers
	now       time.Time
}

func (s *Server) newForge() (*forge, error) {
	signer := s.keys.signer()
	key, err := signer.generate()
	if err != nil {
		return nil, fmt.Errorf("generating the signing key: %w", err)
	}
	return &forge{server: s, key: key, kid: signer.id, strangers: s.attacker, now: time.Now()}, nil
}

// header is a good JOSE header with changes laid over it. A nil value leaves the member out.
func (f *forge) header(changes Claims) string {
	header := Claims{"alg": "RS256", "kid": f.kid, "typ": "JWT"}
	for name, value := range changes {
		if value == nil {
			delete(header, name)
			continue
		}
		header[name] = value
	}
	return encodeJSON(header)
}

// payload is a good claims set with changes laid over it.
func (f *forge) payload(changes Claims) string { return encodeJSON(f.server.claims(changes)) }

// payloadPlus is a good claims set with raw members appended, which allows a name to appear twice.
func (f *forge) payloadPlus(changes Claims, members string) string {
	return trimBrace(f.payload(changes)) + "," + members + "}"
}

// member writes one JSON object member.
func member(name string, value any) string { return encodeJSON(name) + ":" + encodeJSON(value) }

func (f *forge) sign(header, payload string) (string, error) {
	return signRSA(f.key, crypto.SHA256, header, payload)
}

func (f *forge) signStranger(header, payload string) (string, error) {
	key, err := f.strangers.rsa()
	if err != nil {
		return "", err
	}
	return signRSA(key, crypto.SHA256, header, payload)
}

// segments joins a signing input; its parts are encoded here.
func segments(header, payload string) string {
	return encodeBytes([]byte(header)) + "." + encodeBytes([]byte(payload))
}

func signRSA(key *rsa.PrivateKey, hash crypto.Hash, header, payload string) (string, error) {
	input := segments(header, payload)
	signature, err := rsa.SignPKCS1v15(nil, key, hash, digest(hash, input))
	if err != nil {
		return "", err
	}
	return input + "." + encodeBytes(signature), nil
}

func signPSS(key *rsa.PrivateKey, header, payload string) (string, error) {
	input := segments(header, payload)
	options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	signature, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest(crypto.SHA256, input), options)
	if err != nil {
		return "", err
	}
	return input + "." + encodeBytes(signature), nil
}

func signHMAC(secret []byte, header, payload string) string {
	input := segments(header, payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return input + "." + encodeBytes(mac.Sum(nil))
}

// signECDSA writes the signature as r and s of 32 bytes each (RFC 7518 section 3.4).
func signECDSA(key *ecdsa.PrivateKey, header, payload string) (string, error) {
	input := segments(header, payload)
	r, s, err := ecdsa.Sign(rand.Reader, key, digest(crypto.SHA256, input))
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return input + "." + encodeBytes(signature), nil
}

func digest(hash crypto.Hash, input string) []byte {
	switch hash {
	case crypto.SHA384:
		sum := sha512.Sum384([]byte(input))
		return sum[:]
	case crypto.SHA512:
		sum := sha512.Sum512([]byte(input))
		return sum[:]
	default:
		sum := sha256.Sum256([]byte(input))
		return sum[:]
	}
}

// encodeJSON writes values that were chosen here and therefore always have a JSON form.
func encodeJSON(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("a forged token holds a value without a JSON form: %v", err))
	}
	return string(encoded)
}
