package authserver

import (
	"encoding/json"
	"strings"
	"time"
)

// foreignResource is the id of no server: --dev names its own res_1.
const foreignResource = "res_79999999999999999"

func timeKinds() []badKind {
	at := func(claim string, d time.Duration) func(*forge) Claims {
		return func(f *forge) Claims { return Claims{claim: f.now.Add(d).Unix()} }
	}
	text := func(claim string, d time.Duration) func(*forge) Claims {
		return func(f *forge) Claims { return Claims{claim: f.now.Add(d).Format(time.RFC3339)} }
	}
	return []badKind{
		claimKind("expired", "exp passed an hour ago", at("exp", -time.Hour)),
		claimKind("expired-beyond-leeway", "exp passed 40 s ago; the leeway is at most 30 s", at("exp", -40*time.Second)),
		fixedClaim("exp-missing", "without exp the token would live for ever", "exp", nil),
		fixedClaim("exp-null", "exp must be a number", "exp", json.RawMessage("null")),
		claimKind("exp-string", "exp must be a number, not a string", text("exp", time.Hour)),
		claimKind("exp-numeric-string", "exp must be a number, not digits in a string", func(f *forge) Claims {
			return Claims{"exp": encodeJSON(f.now.Add(time.Hour).Unix())}
		}),
		fixedClaim("exp-zero", "exp is the year 1970", "exp", 0),
		fixedClaim("exp-negative", "exp is before 1970", "exp", -1),
		fixedClaim("exp-overflow", "exp does not fit any clock", "exp", json.RawMessage("1e400")),
		fixedClaim("exp-array", "exp must be one number", "exp", []int64{4102444800}),
		fixedClaim("exp-true", "exp must be a number", "exp", true),
		claimKind("exp-claim-case", "the claim is exp; EXP is another claim", func(f *forge) Claims {
			return Claims{"exp": nil, "EXP": f.now.Add(time.Hour).Unix()}
		}),
		claimKind("nbf-future", "nbf is an hour ahead", at("nbf", time.Hour)),
		claimKind("nbf-beyond-leeway", "nbf is 60 s ahead; the leeway is at most 30 s", at("nbf", time.Minute)),
		claimKind("nbf-string", "nbf must be a number", text("nbf", -time.Hour)),
		claimKind("iat-future", "the token was issued an hour from now", at("iat", time.Hour)),
		claimKind("iat-string", "iat must be a number", text("iat", -time.Hour)),
	}
}

func issuerKinds() []badKind {
	env := func(change func(string) any) func(*forge) Claims {
		return func(f *forge) Claims { return Claims{"iss": change(f.server.Environment())} }
	}
	return []badKind{
		fixedClaim("issuer", "iss is another environment", "iss", "https://elsewhere.scalekit.example"),
		claimKind("issuer-suffix", "iss only begins with the environment URL", env(func(e string) any { return e + ".evil.example" })),
		claimKind("issuer-subpath", "iss is a path below the environment URL that was not configured", env(func(e string) any { return e + "/evil" })),
		claimKind("issuer-prefix", "iss only ends with the environment URL", env(func(e string) any { return "https://evil.example/?" + e })),
		claimKind("issuer-other-resource", "iss is another resource of the same environment", func(f *forge) Claims {
			return Claims{"iss": f.server.Issuer() + "0"}
		}),
		fixedClaim("issuer-missing", "iss is required", "iss", nil),
		fixedClaim("issuer-null", "iss must be a string", "iss", json.RawMessage("null")),
		fixedClaim("issuer-empty", "iss is empty", "iss", ""),
		claimKind("issuer-array", "iss must be one string", env(func(e string) any { return []string{e} })),
		claimKind("issuer-object", "iss must be a string", env(func(e string) any { return Claims{"url": e} })),
		claimKind("issuer-claim-case", "the claim is iss; Iss is another claim", func(f *forge) Claims {
			return Claims{"iss": nil, "Iss": f.server.Environment()}
		}),
	}
}

func audienceKinds() []badKind {
	id := func(change func(string) any) func(*forge) Claims {
		return func(f *forge) Claims { return Claims{"aud": change(f.server.ResourceID())} }
	}
	url := func(change func(string) any) func(*forge) Claims {
		return func(f *forge) Claims { return Claims{"aud": change(strings.TrimSuffix(f.audience(), "/"))} }
	}
	return []badKind{
		fixedClaim("audience", "the token is for another server", "aud", []string{"https://elsewhere.example/mcp", foreignResource}),
		claimKind("audience-suffix", "aud only begins with the Server URL", url(func(u string) any { return []string{u + "evil"} })),
		claimKind("audience-subpath", "aud is a path below the Server URL", url(func(u string) any { return []string{u + "/evil"} })),
		claimKind("audience-slashes", "aud differs from the Server URL by more than one slash", url(func(u string) any { return []string{u + "///"} })),
		claimKind("audience-prefix", "aud only ends with the Server URL", url(func(u string) any { return []string{"https://evil.example/?" + u} })),
		claimKind("audience-id-suffix", "aud only begins with the resource id", id(func(r string) any { return []string{r + "0"} })),
		claimKind("audience-id-prefix", "aud is only the beginning of the resource id", id(func(r string) any { return r[:len(r)-1] })),
		claimKind("audience-list-in-string", "aud is one string, not a list in a string", id(func(r string) any { return foreignResource + " " + r })),
		fixedClaim("audience-missing", "aud is required", "aud", nil),
		fixedClaim("audience-null", "aud must be a string or an array of strings", "aud", json.RawMessage("null")),
		fixedClaim("audience-empty", "aud is empty", "aud", ""),
		fixedClaim("audience-empty-array", "aud names nobody", "aud", []string{}),
		claimKind("audience-nested", "aud must not hold arrays", id(func(r string) any { return [][]string{{r}} })),
		claimKind("audience-object", "aud must be a string or an array of strings", id(func(r string) any { return Claims{r: r} })),
		claimKind("audience-mixed", "every element of aud must be a string", id(func(r string) any { return []any{r, 7} })),
		claimKind("audience-claim-case", "the claim is aud; Aud is another claim", func(f *forge) Claims {
			return Claims{"aud": nil, "Aud": f.server.ResourceID()}
		}),
	}
}

// audience is the value of aud that the other values are made similar to.
func (f *forge) audience() string { return f.server.audience()[0] }

func subjectKinds() []badKind {
	return []badKind{
		fixedClaim("subject-missing", "sub is required", "sub", nil),
		fixedClaim("subject-null", "sub must be a string", "sub", json.RawMessage("null")),
		fixedClaim("subject-empty", "an empty sub names nobody", "sub", ""),
		fixedClaim("subject-number", "sub must be a string", "sub", 7),
		fixedClaim("subject-array", "sub must be one string", "sub", []string{DefaultSubject}),
		fixedClaim("subject-object", "sub must be a string", "sub", Claims{"id": DefaultSubject}),
		claimKind("subject-claim-case", "the claim is sub; Sub is another claim", func(*forge) Claims {
			return Claims{"sub": nil, "Sub": DefaultSubject}
		}),
	}
}

func scopeKinds() []badKind {
	return []badKind{
		fixedClaim("scope-number", "scope must be a string", "scope", 7),
		fixedClaim("scope-array", "scope is a space separated string; the array is scopes", "scope", []string{"a"}),
		fixedClaim("scope-object", "scope must be a string", "scope", Claims{"a": true}),
		fixedClaim("scopes-string", "scopes is an array; the string is scope", "scopes", "a b"),
		fixedClaim("scopes-mixed", "every element of scopes must be a string", "scopes", []any{"a", 7}),
		fixedClaim("scopes-object", "scopes must be an array", "scopes", Claims{"a": true}),
	}
}
