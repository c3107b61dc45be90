package authserver

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// goodThen makes a good token and spoils it.
func goodThen(name, why string, spoil func(header, payload, signature string) string) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		token, err := f.sign(f.header(nil), f.payload(nil))
		if err != nil {
			return "", err
		}
		parts := strings.Split(token, ".")
		return spoil(parts[0], parts[1], parts[2]), nil
	}}
}

func signatureKinds() []badKind {
	return []badKind{
		goodThen("signature-empty", "there is no signature", func(h, p, _ string) string { return h + "." + p + "." }),
		goodThen("signature-truncated", "the signature is cut short", func(h, p, s string) string {
			return h + "." + p + "." + s[:len(s)-8]
		}),
		goodThen("signature-extended", "the signature has bytes to spare", func(h, p, s string) string {
			return h + "." + p + "." + encodeBytes(append(decodeBytes(s), 0))
		}),
		goodThen("signature-flipped", "one bit of the signature differs", func(h, p, s string) string {
			return h + "." + p + "." + flipBit(s)
		}),
		goodThen("signature-zero", "the signature is all zeros", func(h, p, _ string) string {
			return h + "." + p + "." + encodeBytes(make([]byte, rsaBits/8))
		}),
		{"signature-of-another", "the signature belongs to another token", func(f *forge) (string, error) {
			token, err := f.sign(f.header(nil), f.payload(nil))
			if err != nil {
				return "", err
			}
			_, signature, _ := cutLast(token)
			return segments(f.header(nil), f.payload(Claims{"sub": "usr_70000000000000098"})) + "." + signature, nil
		}},
		goodThen("payload-flipped", "one bit of the claims differs from what was signed", func(h, p, s string) string {
			return h + "." + encodeBytes([]byte(strings.Replace(string(decodeBytes(p)), `"usr_7`, `"usr_6`, 1))) + "." + s
		}),
		goodThen("header-flipped", "the header differs from what was signed", func(h, p, s string) string {
			return encodeBytes([]byte(strings.Replace(string(decodeBytes(h)), `"JWT"`, `"JWU"`, 1))) + "." + p + "." + s
		}),
	}
}

func shapeKinds() []badKind {
	return []badKind{
		goodThen("segments-one", "a JWS has three parts", func(h, _, _ string) string { return h }),
		goodThen("segments-two", "a JWS has three parts", func(h, p, _ string) string { return h + "." + p }),
		goodThen("segments-four", "a JWS has three parts", func(h, p, s string) string { return h + "." + p + "." + s + "." + s }),
		goodThen("segments-empty-fourth", "a JWS has three parts", func(h, p, s string) string { return h + "." + p + "." + s + "." }),
		goodThen("segments-leading", "a JWS has three parts", func(h, p, s string) string { return "." + h + "." + p + "." + s }),
		{"jwe", "five parts are an encrypted token; nobody agreed on one", func(f *forge) (string, error) {
			header := encodeJSON(Claims{"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": f.kid})
			return encodeBytes([]byte(header)) + strings.Repeat("."+encodeBytes(make([]byte, 32)), 4), nil
		}},
		goodThen("header-empty", "the header is missing", func(_, p, s string) string { return "." + p + "." + s }),
		goodThen("payload-empty", "the claims are missing", func(h, _, s string) string { return h + ".." + s }),
		goodThen("dots", "nothing but separators", func(_, _, _ string) string { return ".." }),
		goodThen("opaque", "an opaque token cannot be checked here", func(_, _, _ string) string {
			return "opaque-token-0123456789abcdefghijklmnop"
		}),
		{"json-serialization", "the JSON serialization is no access token", func(f *forge) (string, error) {
			token, err := f.sign(f.header(nil), f.payload(nil))
			if err != nil {
				return "", err
			}
			parts := strings.Split(token, ".")
			return encodeJSON(Claims{"protected": parts[0], "payload": parts[1], "signature": parts[2]}), nil
		}},
		{"oversized", "a token of more than 8 KiB is refused before it is read", func(f *forge) (string, error) {
			return f.sign(f.header(nil), f.payload(Claims{"padding": strings.Repeat("x", 8<<10)}))
		}},
		goodThen("whitespace", "a credential holds no white space", func(h, p, s string) string { return h + "." + p + ". " + s }),
		goodThen("trailing-word", "one credential, nothing after it", func(h, p, s string) string {
			return h + "." + p + "." + s + " trailing"
		}),
		goodThen("trailing-comma", "one credential, nothing after it", func(h, p, s string) string {
			return h + "." + p + "." + s + ","
		}),
		goodThen("quoted", "the credential is not quoted", func(h, p, s string) string { return `"` + h + "." + p + "." + s + `"` }),
		goodThen("nul", "NUL is no character of a credential", func(h, p, s string) string { return h + "." + p + "." + s + "\x00" }),
		goodThen("non-ascii", "only ASCII characters make up a credential", func(h, p, s string) string {
			return h + "." + p + "." + s + "é"
		}),
	}
}

// encodingKinds read as the right bytes to a lenient decoder, which gives one token many spellings.
func encodingKinds() []badKind {
	return []badKind{
		goodThen("base64-padding", "base64url in JOSE has no padding", func(h, p, s string) string { return h + "." + p + "." + s + "==" }),
		goodThen("base64-trailing-bits", "the unused bits of the last character must be zero", func(h, p, s string) string {
			return h + "." + p + "." + s[:len(s)-1] + string(nextCharacter(s[len(s)-1]))
		}),
		{"base64-standard", "the alphabet is base64url, not base64", func(f *forge) (string, error) {
			return f.signUntil(func(signature string) bool { return strings.ContainsAny(signature, "-_") }, func(signature string) string {
				return strings.NewReplacer("-", "+", "_", "/").Replace(signature)
			})
		}},
		goodThen("base64-illegal", "a character outside the alphabet", func(h, p, s string) string {
			return h + "." + p + "." + s[:8] + "*" + s[8:]
		}),
	}
}

// signUntil signs fresh tokens until a signature suits, then rewrites that signature.
func (f *forge) signUntil(suits func(string) bool, rewrite func(string) string) (string, error) {
	for range 16 {
		token, err := f.sign(f.header(nil), f.payload(nil))
		if err != nil {
			return "", err
		}
		if input, signature, _ := cutLast(token); suits(signature) {
			return input + "." + rewrite(signature), nil
		}
	}
	return "", fmt.Errorf("no signature of 16 was suitable")
}

func cutLast(token string) (input, signature string, found bool) {
	i := strings.LastIndexByte(token, '.')
	if i < 0 {
		return token, "", false
	}
	return token[:i], token[i+1:], true
}

// decodeBytes reverses encodeBytes; its argument was encoded here.
func decodeBytes(text string) []byte {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic(fmt.Sprintf("a forged token is not base64url: %v", err))
	}
	return decoded
}

func flipBit(text string) string {
	decoded := decodeBytes(text)
	decoded[len(decoded)/2] ^= 1
	return encodeBytes(decoded)
}

// nextCharacter changes only the lowest bit of a base64url character, which is unused at the end of a
// signature of 256 bytes.
func nextCharacter(c byte) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return alphabet[strings.IndexByte(alphabet, c)^1]
}
