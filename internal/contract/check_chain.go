package contract

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

func followChallenge(ctx context.Context, p *Probe) {
	refusal := p.scene.refusal
	params, _ := refusal.bearerChallenge()
	places := []string{params["resource_metadata"]}
	if !p.expect(refusal.is(401) && places[0] != "", refusal, "401 with one Bearer challenge that has resource_metadata") {
		// Clients then try these, RFC 9728 section 3.1 first.
		places = []string{p.origin() + wellKnown + p.path(), p.origin() + wellKnown}
	}
	var first exchange
	for i, place := range places {
		e, ok := p.follow(ctx, place, &p.scene.chain.resource)
		if ok {
			p.scene.chain.resourceAt = e.request.curl()
			return
		}
		if i == 0 {
			first = e
		}
	}
	p.fail(first, "200 with a JSON object: the protected resource metadata")
	p.end()
}

func followMetadata(_ context.Context, p *Probe) {
	if !p.reached() {
		return
	}
	found := &p.scene.chain
	if got := found.resource.Resource; !sameResource(got, p.URL) {
		p.observe(found.resourceAt, fmt.Sprintf("resource %q, the URL that the client was given", p.URL), fmt.Sprintf("resource %q", got))
	}
	if methods := found.resource.Methods; methods != nil && !slices.Contains(methods, "header") {
		p.observe(found.resourceAt, `bearer_methods_supported with "header"`, fmt.Sprintf("%q", methods))
	}
	if len(found.resource.Servers) == 0 {
		p.observe(found.resourceAt, "at least one of authorization_servers", "none")
		p.end()
		return
	}
	found.issuer = found.resource.Servers[0]
	if more := len(found.resource.Servers) - 1; more > 0 {
		p.skip("%d more of authorization_servers: clients follow the first", more)
	}
	if err := p.issuerProblem(found.issuer); err != nil {
		p.observe(found.resourceAt, "an issuer identifier in authorization_servers: an https URL without query and fragment (RFC 8414 section 2)", err.Error())
		p.end()
	}
}

// sameResource compares the metadata's resource with the URL a client was given. Only an empty path may be
// written in two ways (RFC 3986 section 6.2.3).
func sameResource(a, b string) bool {
	rooted := func(text string) string {
		if u, err := url.Parse(text); err == nil && u.Host != "" && u.Path == "" && u.RawQuery == "" && u.Fragment == "" {
			return text + "/"
		}
		return text
	}
	return rooted(a) == rooted(b)
}

func (p *Probe) issuerProblem(issuer string) error {
	if err := p.followable(issuer); err != nil {
		return err
	}
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.RawQuery != "":
		return fmt.Errorf("%q has a query", issuer)
	case strings.Contains(u.Path, "/.well-known/"):
		return fmt.Errorf("%q is where metadata is found, not the issuer", issuer)
	}
	return nil
}

func followIssuer(ctx context.Context, p *Probe) {
	if !p.reached() {
		return
	}
	found := &p.scene.chain
	places := metadataPlaces(found.issuer)
	var first exchange
	for i, place := range places {
		e, ok := p.follow(ctx, place, &found.server)
		if i == 0 {
			first = e
		}
		if ok {
			found.serverAt = e.request.curl()
			p.expect(found.server.Issuer == found.issuer, e, "issuer %q, the entry of authorization_servers, not %q", found.issuer, found.server.Issuer)
			return
		}
	}
	p.fail(first, "200 with a JSON object, the authorization server's metadata, here or at %s", strings.Join(places[1:], " or "))
	p.end()
}

// metadataPlaces are the locations of an issuer's metadata in the order in which clients try them (MCP
// 2026-07-28, Authorization Server Metadata Discovery).
func metadataPlaces(issuer string) []string {
	u, err := url.Parse(issuer)
	if err != nil {
		return []string{issuer}
	}
	origin, path := u.Scheme+"://"+u.Host, strings.TrimSuffix(u.EscapedPath(), "/")
	places := []string{
		origin + "/.well-known/oauth-authorization-server" + path,
		origin + "/.well-known/openid-configuration" + path,
	}
	if path != "" {
		places = append(places, origin+path+"/.well-known/openid-configuration")
	}
	return places
}

func checkServerMetadata(_ context.Context, p *Probe) {
	if !p.reached() {
		return
	}
	server, at := p.scene.chain.server, p.scene.chain.serverAt
	lacks := func(what string, got any) { p.observe(at, what, fmt.Sprintf("%q", got)) }
	if !slices.Contains(server.Challenges, "S256") {
		lacks(`code_challenge_methods_supported with "S256"`, server.Challenges)
	}
	if !slices.Contains(server.ResponseTypes, "code") {
		lacks(`response_types_supported with "code"`, server.ResponseTypes)
	}
	endpoints := [][2]string{{"authorization_endpoint", server.Authorize}, {"token_endpoint", server.Token}}
	if server.Registration != "" {
		endpoints = append(endpoints, [2]string{"registration_endpoint", server.Registration})
	} else if !server.MetadataDocuments {
		p.observe(at, "registration_endpoint, or client_id_metadata_document_supported true", "neither: only clients that are registered by hand can log in")
	}
	for _, endpoint := range endpoints {
		if err := p.followable(endpoint[1]); err != nil {
			p.observe(at, endpoint[0]+" with an https URL", err.Error())
		}
	}
}

// minKeyBits is the least size of an RSA key for RS256 (RFC 7518 section 3.3).
const minKeyBits = 2048

func followKeys(ctx context.Context, p *Probe) {
	if !p.reached() {
		return
	}
	var set struct {
		Keys []jsonWebKey `json:"keys"`
	}
	if p.Issuer != nil && strings.HasPrefix(p.scene.chain.server.Keys, p.Issuer.Environment()+"/") {
		p.scene.followed.Add(1)
	}
	e, ok := p.follow(ctx, p.scene.chain.server.Keys, &set)
	if !ok {
		p.fail(e, "200 with a JSON object, the keys, at jwks_uri")
		return
	}
	ids := map[string]bool{}
	for _, key := range set.Keys {
		if key.verifies() {
			ids[key.ID] = true
		}
	}
	p.scene.chain.keyIDs = ids
	p.expect(len(ids) > 0, e, "at least one RSA key for signatures, of %d bits or more", minKeyBits)
}

// jsonWebKey is what a verifier of RS256 reads of RFC 7517.
type jsonWebKey struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	ID        string `json:"kid"`
	Algorithm string `json:"alg"`
	Modulus   string `json:"n"`
}

func (k jsonWebKey) verifies() bool {
	modulus, err := base64.RawURLEncoding.DecodeString(k.Modulus)
	const bits = 8
	return err == nil && len(modulus)*bits >= minKeyBits && k.Type == "RSA" &&
		(k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == "RS256")
}

// decodeSegment reads one segment of a token as a JSON object. ok is false for what is none.
func decodeSegment(segment string) (object map[string]any, ok bool) {
	decoded, err := base64.RawURLEncoding.DecodeString(segment)
	return object, err == nil && json.Unmarshal(decoded, &object) == nil && object != nil
}
