package oauth

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// serverMetadata is an RFC 8414 document with the members that Scalekit has. Members of OpenID Connect
// discovery are in it for the environment's document.
type serverMetadata struct {
	Issuer                 string   `json:"issuer"`
	AuthorizationEndpoint  string   `json:"authorization_endpoint,omitempty"`
	TokenEndpoint          string   `json:"token_endpoint"`
	JWKSURI                string   `json:"jwks_uri"`
	RegistrationEndpoint   string   `json:"registration_endpoint,omitempty"`
	ScopesSupported        []string `json:"scopes_supported"`
	ResponseTypesSupported []string `json:"response_types_supported"`
	ResponseModesSupported []string `json:"response_modes_supported,omitempty"`
	GrantTypesSupported    []string `json:"grant_types_supported"`
	AuthMethodsSupported   []string `json:"token_endpoint_auth_methods_supported"`
	ChallengeMethods       []string `json:"code_challenge_methods_supported,omitempty"`
	ClientDocuments        bool     `json:"client_id_metadata_document_supported,omitempty"`
	IssuerInResponse       bool     `json:"authorization_response_iss_parameter_supported,omitempty"`
	SubjectTypes           []string `json:"subject_types_supported,omitempty"`
	SigningAlgorithms      []string `json:"id_token_signing_alg_values_supported,omitempty"`
}

// serveMetadata answers with the resource's authorization server metadata. Its issuer is exactly the entry in
// authorization_servers: strict clients compare them (RFC 8414 section 3.3).
func (p *Provider) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	env, issuer := p.authority.Environment(), p.authority.Issuer()
	writeJSON(w, http.StatusOK, serverMetadata{
		Issuer:                 issuer,
		AuthorizationEndpoint:  issuer + "/oauth/authorize",
		TokenEndpoint:          issuer + "/oauth/token",
		JWKSURI:                env + "/keys",
		RegistrationEndpoint:   env + "/api/v1/resources/" + p.opts.ResourceID + "/clients:register",
		ScopesSupported:        slices.Concat(p.opts.Scopes, identityScopes()),
		ResponseTypesSupported: []string{"code"},
		ResponseModesSupported: []string{"query"},
		GrantTypesSupported:    []string{grantCode, grantRefresh, grantClient},
		AuthMethodsSupported:   []string{authNone, authPost, authBasic},
		ChallengeMethods:       []string{"S256"},
		ClientDocuments:        true,
		IssuerInResponse:       true,
	})
}

// serveEnvironment answers with the discovery document of the environment. Nobody logs in to the environment
// as a whole here, so it has no authorization endpoint, and as with Scalekit no registration endpoint.
func (p *Provider) serveEnvironment(w http.ResponseWriter, _ *http.Request) {
	env := p.authority.Environment()
	writeJSON(w, http.StatusOK, serverMetadata{
		Issuer:                 env,
		TokenEndpoint:          env + "/oauth/token",
		JWKSURI:                env + "/keys",
		ScopesSupported:        identityScopes(),
		ResponseTypesSupported: []string{"code"},
		GrantTypesSupported:    []string{grantClient},
		AuthMethodsSupported:   []string{authPost, authBasic},
		SubjectTypes:           []string{"public"},
		SigningAlgorithms:      []string{"RS256"},
	})
}

// resourceDocument is a resource as Scalekit's API shows one.
type resourceDocument struct {
	ID                string          `json:"id"`
	Type              string          `json:"resource_type"`
	ServerURL         string          `json:"resource_id,omitempty"`
	Scopes            []string        `json:"scopes"`
	Lifetime          int             `json:"access_token_expiry"`
	NoRegistration    bool            `json:"disable_dynamic_client_registration"`
	ClientDocuments   bool            `json:"enable_cimd"`
	ProtectedMetadata json.RawMessage `json:"protected_metadata"`
	MetadataURI       string          `json:"protected_metadata_uri,omitempty"`
}

// serveResource answers with what Scalekit's API says about the resource. It holds nothing secret, so no API
// token is asked for.
func (p *Provider) serveResource(w http.ResponseWriter, _ *http.Request) {
	metadata := p.opts.Metadata
	if len(metadata) == 0 {
		metadata = p.protectedMetadata()
	}
	writeJSON(w, http.StatusOK, map[string]resourceDocument{"resource": {
		ID:                p.opts.ResourceID,
		Type:              "MCP_SERVER",
		ServerURL:         p.opts.ServerURL,
		Scopes:            append([]string{}, p.opts.Scopes...),
		Lifetime:          int(p.opts.Lifetime.Seconds()),
		ClientDocuments:   true,
		ProtectedMetadata: metadata,
		MetadataURI:       metadataURI(p.opts.ServerURL),
	}})
}

// protectedMetadata is the document that Scalekit's dashboard shows, with the same five members. Without a
// Server URL the dashboard has placeholders; here resource is left out then.
func (p *Provider) protectedMetadata() json.RawMessage {
	document := map[string]any{
		"authorization_servers":    []string{p.authority.Issuer()},
		"bearer_methods_supported": []string{"header"},
		"scopes_supported":         append([]string{}, p.opts.Scopes...),
	}
	if p.opts.ServerURL != "" {
		document["resource"] = p.opts.ServerURL
		document["resource_documentation"] = strings.TrimSuffix(p.opts.ServerURL, "/") + "/docs"
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		return json.RawMessage("null") // strings always have a JSON form
	}
	return encoded
}

// metadataURI inserts the well-known path in front of the path of the Server URL (RFC 9728 section 3.1).
func metadataURI(serverURL string) string {
	u, err := url.Parse(serverURL)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/.well-known/oauth-protected-resource" + strings.TrimSuffix(u.EscapedPath(), "/")
}
