package authserver

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
)

func algorithmKinds() []badKind {
	return []badKind{
		unsignedKind("alg-none", "alg none means that anybody could have written it", "none", ""),
		unsignedKind("alg-none-upper", "alg NONE is none to a lenient comparison", "NONE", ""),
		unsignedKind("alg-none-mixed", "alg nOnE is none to a lenient comparison", "nOnE", ""),
		unsignedKind("alg-none-signature", "alg none with something in the place of a signature", "none", "c2lnbmF0dXJl"),
		headerKind("alg-none-real-signature", "alg none, although the signature is real", Claims{"alg": "none"}),
		headerKind("alg-missing", "alg is required", Claims{"alg": nil}),
		headerKind("alg-empty", "alg is empty", Claims{"alg": ""}),
		headerKind("alg-number", "alg must be a string", Claims{"alg": 256}),
		headerKind("alg-array", "alg must be one string", Claims{"alg": []string{"RS256"}}),
		headerKind("alg-lower-case", "alg is compared exactly; rs256 is no algorithm", Claims{"alg": "rs256"}),
		rsaKind("rs384", "RS384", crypto.SHA384),
		rsaKind("rs512", "RS512", crypto.SHA512),
		{"ps256", "only RS256 is agreed on, even with the right key", func(f *forge) (string, error) {
			return signPSS(f.key, f.header(Claims{"alg": "PS256"}), f.payload(nil))
		}},
		{"es256", "ES256 with a key of the sender's own", func(f *forge) (string, error) {
			key, err := f.strangers.ecdsa()
			if err != nil {
				return "", err
			}
			return signECDSA(key, f.header(Claims{"alg": "ES256"}), f.payload(nil))
		}},
		{"eddsa", "EdDSA with a key of the sender's own", func(f *forge) (string, error) {
			key, err := f.strangers.ed25519()
			if err != nil {
				return "", err
			}
			header, payload := f.header(Claims{"alg": "EdDSA"}), f.payload(nil)
			input := segments(header, payload)
			return input + "." + encodeBytes(ed25519.Sign(key, []byte(input))), nil
		}},
	}
}

func unsignedKind(name, why, algorithm, signature string) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		return segments(f.header(Claims{"alg": algorithm}), f.payload(nil)) + "." + signature, nil
	}}
}

func rsaKind(name, algorithm string, hash crypto.Hash) badKind {
	return badKind{name: name, why: "only RS256 is agreed on, even with the right key", make: func(f *forge) (string, error) {
		return signRSA(f.key, hash, f.header(Claims{"alg": algorithm}), f.payload(nil))
	}}
}

// confusionKinds are signed with HS256 under something everybody can read.
func confusionKinds() []badKind {
	const why = "HS256 with the public key as the secret: anybody could have written it"
	return []badKind{
		hmacKind("hs256-pem", why, func(f *forge) ([]byte, error) {
			der, err := x509.MarshalPKIXPublicKey(&f.key.PublicKey)
			return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), err
		}),
		hmacKind("hs256-pem-pkcs1", why, func(f *forge) ([]byte, error) {
			der := x509.MarshalPKCS1PublicKey(&f.key.PublicKey)
			return pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: der}), nil
		}),
		hmacKind("hs256-der", why, func(f *forge) ([]byte, error) {
			return x509.MarshalPKIXPublicKey(&f.key.PublicKey)
		}),
		hmacKind("hs256-modulus", why, func(f *forge) ([]byte, error) { return f.key.N.Bytes(), nil }),
		hmacKind("hs256-modulus-text", why, func(f *forge) ([]byte, error) {
			return []byte(encodeBytes(f.key.N.Bytes())), nil
		}),
		hmacKind("hs256-jwk", why, func(f *forge) ([]byte, error) {
			return []byte(encodeJSON(newJSONWebKey(f.kid, &f.key.PublicKey))), nil
		}),
		hmacKind("hs256-empty", "HS256 with an empty secret", func(*forge) ([]byte, error) { return nil, nil }),
	}
}

func hmacKind(name, why string, secret func(*forge) ([]byte, error)) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		key, err := secret(f)
		if err != nil {
			return "", err
		}
		return signHMAC(key, f.header(Claims{"alg": "HS256"}), f.payload(nil)), nil
	}}
}
