package authserver

import "strings"

// documentKinds are signed by the right key, but what is signed is not one JSON object.
func documentKinds() []badKind {
	return []badKind{
		rawPayloadKind("payload-array", "the claims must be an object", func(p string) string { return "[" + p + "]" }),
		rawPayloadKind("payload-string", "the claims must be an object", func(p string) string { return encodeJSON(p) }),
		rawPayloadKind("payload-null", "the claims must be an object", func(string) string { return "null" }),
		rawPayloadKind("payload-text", "the claims must be JSON", func(string) string { return "sub=usr_7" }),
		rawPayloadKind("payload-trailing", "something follows the claims", func(p string) string { return p + "x" }),
		rawPayloadKind("payload-second-object", "a second object follows the claims", func(p string) string { return p + `{"sub":"usr_9"}` }),
		rawPayloadKind("payload-nul", "a NUL follows the claims", func(p string) string { return p + "\x00" }),
		rawPayloadKind("payload-cut", "the claims are cut short", func(p string) string { return trimBrace(p) }),
		rawPayloadKind("payload-byte-order-mark", "a byte order mark is not JSON (RFC 8259 section 8.1)", func(p string) string { return "\ufeff" + p }),
		rawPayloadKind("payload-comment", "a comment is not JSON", func(p string) string { return "/**/" + p }),
		rawPayloadKind("payload-trailing-comma", "a trailing comma is not JSON", func(p string) string { return trimBrace(p) + ",}" }),
		rawPayloadKind("payload-not-utf8", "JSON is UTF-8", func(p string) string {
			return strings.Replace(p, DefaultSubject, "usr_\xff\xfe", 1)
		}),
		rawHeaderKind("header-array", "the header must be an object", func(f *forge) string { return "[" + f.header(nil) + "]" }),
		rawHeaderKind("header-trailing", "something follows the header", func(f *forge) string { return f.header(nil) + "x" }),
		rawHeaderKind("header-null", "the header must be an object", func(*forge) string { return "null" }),
	}
}

func rawPayloadKind(name, why string, change func(payload string) string) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		return f.sign(f.header(nil), change(f.payload(nil)))
	}}
}

func rawHeaderKind(name, why string, header func(*forge) string) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		return f.sign(header(f), f.payload(nil))
	}}
}

func trimBrace(object string) string { return strings.TrimSuffix(object, "}") }
