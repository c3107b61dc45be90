package authserver

import "time"

// duplicateKinds repeat a name within one object, which parsers resolve differently: RFC 7519 section 4
// and RFC 7515 section 4 let a reader take the last one or refuse, and the contract refuses.
func duplicateKinds() []badKind {
	good := func(claim string) func(*forge) string {
		return func(f *forge) string { return member(claim, f.server.claims(nil)[claim]) }
	}
	fixed := func(claim string, value any) func(*forge) string {
		return func(*forge) string { return member(claim, value) }
	}
	resource := func(f *forge) string { return member("aud", f.server.ResourceID()) }
	later := func(f *forge) string { return member("exp", f.now.Add(time.Hour).Unix()) }
	return []badKind{
		memberKind("duplicate-aud", "aud appears twice, the second is right", Claims{"aud": foreignResource}, resource),
		memberKind("duplicate-aud-last", "aud appears twice, the first is right", nil, fixed("aud", foreignResource)),
		memberKind("duplicate-aud-same", "aud appears twice, both are right", nil, good("aud")),
		memberKind("duplicate-aud-escaped", "aud appears twice, once written with an escape", nil, func(f *forge) string {
			return `"\u0061ud":` + encodeJSON(f.server.ResourceID())
		}),
		memberKind("duplicate-iss", "iss appears twice, the second is right", Claims{"iss": "https://evil.example"}, good("iss")),
		memberKind("duplicate-exp", "exp appears twice, the second is right", Claims{"exp": 1}, later),
		memberKind("duplicate-exp-last", "exp appears twice, the first is right", nil, fixed("exp", 1)),
		memberKind("duplicate-sub", "sub appears twice, nobody knows which is meant", nil, fixed("sub", "usr_70000000000000099")),
		memberKind("duplicate-scope", "scope appears twice, nobody knows which is meant", Claims{"scope": "a"}, fixed("scope", "b")),
		rawHeaderKind("duplicate-alg", "alg appears twice, none first", func(f *forge) string {
			return `{"alg":"none",` + f.header(nil)[1:]
		}),
		rawHeaderKind("duplicate-alg-last", "alg appears twice, none last", func(f *forge) string {
			return trimBrace(f.header(nil)) + `,"alg":"none"}`
		}),
		rawHeaderKind("duplicate-kid", "kid appears twice, the second is right", func(f *forge) string {
			return `{"kid":"snk_00000000000000000",` + f.header(nil)[1:]
		}),
	}
}
