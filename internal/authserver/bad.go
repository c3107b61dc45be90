package authserver

import "slices"

// badKind is one way in which a token can be unacceptable.
type badKind struct {
	name string
	why  string
	make func(*forge) (string, error)
}

// badKinds is the table of everything that must be refused. Names are stable: they are arguments of
// `mcpauth token --bad` and appear in reports.
func badKinds() []badKind {
	return slices.Concat(
		timeKinds(), issuerKinds(), audienceKinds(), subjectKinds(), scopeKinds(), duplicateKinds(),
		algorithmKinds(), confusionKinds(), keyKinds(), embeddedKeyKinds(), signatureKinds(),
		shapeKinds(), encodingKinds(), documentKinds(),
	)
}

// claimKind is a kind whose only defect is in the claims of an otherwise good token.
func claimKind(name, why string, changes func(*forge) Claims) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		return f.sign(f.header(nil), f.payload(changes(f)))
	}}
}

// fixedClaim is a claimKind that does not depend on the server. A nil value leaves the claim out.
func fixedClaim(name, why, claim string, value any) badKind {
	return claimKind(name, why, func(*forge) Claims { return Claims{claim: value} })
}

// memberKind lays changes over the good claims and appends raw members, the way encoders never would.
func memberKind(name, why string, changes Claims, members func(*forge) string) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		return f.sign(f.header(nil), f.payloadPlus(changes, members(f)))
	}}
}

// headerKind is a kind whose only defect is in the JOSE header; the signature covers it and is right.
func headerKind(name, why string, changes Claims) badKind {
	return badKind{name: name, why: why, make: func(f *forge) (string, error) {
		return f.sign(f.header(changes), f.payload(nil))
	}}
}
