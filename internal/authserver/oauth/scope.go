package oauth

import (
	"slices"
	"strings"
)

// identityScopes can be granted to people's clients whatever the resource's own scopes are.
func identityScopes() []string { return []string{"openid", "profile", "email", offlineAccess} }

// offlineAccess is the scope that asks for a refresh token (OpenID Connect Core section 11).
const offlineAccess = "offline_access"

// own are the resource's scopes that a client may be granted.
func (p *Provider) own(client Registration) []string {
	if client.Scopes == nil {
		return p.opts.Scopes
	}
	return intersect(p.opts.Scopes, client.Scopes)
}

// intersect returns those of scopes that are also in others.
func intersect(scopes, others []string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool { return !slices.Contains(others, scope) })
}

// grantScopes is the part of a requested scope that may be granted. As with Scalekit, what is not offered is
// left out without an error, which RFC 6749 section 3.3 allows as long as the answer names the scope granted.
// A request of which nothing is left is refused: a token without scopes would only puzzle. A request without
// a scope gets all of the resource's own.
func grantScopes(requested string, own, extra []string) ([]string, error) {
	wanted, err := parseScope(requested)
	if err != nil {
		return nil, err
	}
	if len(wanted) == 0 {
		return slices.Clone(own), nil
	}
	granted := intersect(wanted, slices.Concat(own, extra))
	if len(granted) == 0 {
		return nil, refuse(invalidScope, "none of the requested scopes is offered by this resource")
	}
	return granted, nil
}

// parseScope splits a scope value and drops repetitions. RFC 6749 section 3.3 has the characters.
func parseScope(value string) ([]string, error) {
	var scopes []string
	for scope := range strings.FieldsFuncSeq(value, func(c rune) bool { return c == ' ' }) {
		if strings.ContainsFunc(scope, func(c rune) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' }) {
			return nil, refuse(invalidScope, "the scope is malformed")
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}
