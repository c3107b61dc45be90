package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// checkOwnToken reads the caller's token as the server will, apart from the signature. No value of a claim
// is shown but iss and aud, which name servers.
func checkOwnToken(_ context.Context, p *Probe) {
	if p.Issuer != nil {
		p.skip("the caller's token: the local authorization server makes the tokens")
		return
	}
	if p.target.Token == "" {
		p.skip("the caller's token: %s", needsToken)
		return
	}
	token, ok := parseToken(p.target.Token)
	if !ok {
		p.skip("the caller's token: it is opaque, so that only the authorization server can tell what it is for")
		return
	}
	for _, problem := range p.tokenProblems(token) {
		p.found.add(problem)
		p.scene.unfit = errors.New("the access token is not for this server, see D7")
	}
}

// ownToken is what can be read of a token without a key.
type ownToken struct{ header, claims map[string]any }

func parseToken(token string) (ownToken, bool) {
	segments := strings.Split(token, ".")
	if len(segments) != 3 {
		return ownToken{}, false
	}
	header, okHeader := decodeSegment(segments[0])
	claims, okClaims := decodeSegment(segments[1])
	return ownToken{header, claims}, okHeader && okClaims
}

// tokenProblems are the reasons for which the server must refuse the token.
func (p *Probe) tokenProblems(t ownToken) []Failure {
	var problems []Failure
	wrong := func(expected, got, fix string) {
		problems = append(problems, Failure{Expected: expected, Got: got, Fix: fix})
	}
	if alg, _ := t.header["alg"].(string); alg != "RS256" {
		wrong("a token signed with RS256", "another algorithm", "")
	}
	kid, _ := t.header["kid"].(string)
	if keys := p.scene.chain.keyIDs; len(keys) > 0 && !keys[kid] {
		wrong("a kid that jwks_uri publishes", "another key: the token is of another authorization server, or its key was withdrawn", "")
	}
	if expiry, ok := t.time("exp"); !ok || time.Now().After(expiry) {
		wrong("exp in the future", ago(expiry, ok), "get a fresh token")
	}
	if begin, ok := t.time("nbf"); ok && time.Until(begin) > leeway {
		wrong("nbf in the past", "a time to come: a clock is wrong", "set the clocks of this machine and of the authorization server")
	}
	if subject, _ := t.claims["sub"].(string); subject == "" {
		wrong("sub with the caller", "none", "")
	}
	if want := p.issuers(); want != nil && !slices.Contains(want, fmt.Sprint(t.claims["iss"])) {
		wrong(fmt.Sprintf("iss %q", want), fmt.Sprintf("iss %q", shorten(fmt.Sprint(t.claims["iss"]))), "get the token from the authorization server that the metadata names")
	}
	if want := p.audiences(); want != nil && !meets(t.strings("aud"), want) {
		wrong(fmt.Sprintf("aud with one of %q", want), fmt.Sprintf("aud %q", shorten(strings.Join(t.strings("aud"), " "))), t.audienceFix())
	}
	return problems
}

// leeway is the contract's for differences of clocks.
const leeway = 30 * time.Second

func ago(expiry time.Time, present bool) string {
	if !present {
		return "none"
	}
	return "it expired " + time.Since(expiry).Round(time.Second).String() + " ago"
}

// audienceFix knows the credentials that are taken most often for those of a client.
func (t ownToken) audienceFix() string {
	for _, claim := range []string{"client_id", "azp", "sub"} {
		if id, _ := t.claims[claim].(string); strings.HasPrefix(id, "skc_") {
			return "this token is of the environment's own credentials (skc_…), which are for Scalekit's API: " +
				"create a client (m2m_…) for this MCP server in the dashboard and use its token"
		}
	}
	return ""
}

func (t ownToken) time(claim string) (time.Time, bool) {
	seconds, ok := t.claims[claim].(float64)
	return time.Unix(int64(seconds), 0), ok
}

// strings reads a claim that is a string or an array of them.
func (t ownToken) strings(claim string) []string {
	switch v := t.claims[claim].(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, element := range v {
			all = append(all, fmt.Sprint(element))
		}
		return all
	}
	return nil
}

// issuers are the values of iss that the server accepts: Scalekit is moving from the environment to the
// resource's own. Nil when the chain did not get that far.
func (p *Probe) issuers() []string {
	issuer := p.scene.chain.issuer
	if issuer == "" {
		return nil
	}
	environment, _, split := strings.Cut(issuer, "/resources/")
	if !split {
		return []string{issuer}
	}
	return []string{environment, issuer}
}

// audiences are the values of aud that mean this server: its URL, its resource and its res_… id. Nil when the chain did
// not get so far that both are known.
func (p *Probe) audiences() []string {
	issuer := p.scene.chain.issuer
	if issuer == "" {
		return nil
	}
	all := union([]string{p.URL}, []string{p.scene.chain.resource.Resource})
	if id := issuer[strings.LastIndex(issuer, "/")+1:]; strings.HasPrefix(id, "res_") {
		all = append(all, id)
	}
	return all
}

// meets reports whether one of got is wanted. A slash at the end makes no difference.
func meets(got, wanted []string) bool {
	return slices.ContainsFunc(got, func(g string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return strings.TrimSuffix(g, "/") == strings.TrimSuffix(w, "/") })
	})
}
