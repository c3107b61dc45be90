package oauth

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"unicode/utf8"
)

// maxDocument bounds client metadata, registered or fetched, in bytes.
const maxDocument = 16 << 10

// maxName bounds a client's name in characters.
const maxName = 200

// clientMetadata are the members of RFC 7591 section 2 that are used. Others are ignored, as section 2 says.
type clientMetadata struct {
	RedirectURIs    []string `json:"redirect_uris"`
	AuthMethod      string   `json:"token_endpoint_auth_method,omitempty"`
	GrantTypes      []string `json:"grant_types,omitempty"`
	ResponseTypes   []string `json:"response_types,omitempty"`
	Name            string   `json:"client_name,omitempty"`
	ClientURI       string   `json:"client_uri,omitempty"`
	Scope           string   `json:"scope,omitempty"`
	ApplicationType string   `json:"application_type,omitempty"`
}

// registered is the answer to a registration (RFC 7591 section 3.2.1). ExpiresAt is 0, never, and present
// exactly when there is a secret.
type registered struct {
	ID        string `json:"client_id"`
	IssuedAt  int64  `json:"client_id_issued_at"`
	Secret    string `json:"client_secret,omitempty"`
	ExpiresAt *int64 `json:"client_secret_expires_at,omitempty"`
	clientMetadata
}

func (p *Provider) serveRegistration(w http.ResponseWriter, r *http.Request) {
	answer, err := p.register(w, r)
	if err != nil {
		p.refuse(w, r, Event{}, err)
		return
	}
	p.opts.Observe(r, Event{ClientID: answer.ID})
	writeJSON(w, http.StatusCreated, answer)
}

func (p *Provider) register(w http.ResponseWriter, r *http.Request) (registered, error) {
	var metadata clientMetadata
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxDocument)).Decode(&metadata); err != nil {
		return registered{}, refuse(invalidClientMetadata, "the body must be a JSON object of 16 KiB at most, with client metadata")
	}
	if metadata.AuthMethod == "" {
		metadata.AuthMethod = authBasic // the default of RFC 7591 section 2
	}
	if !slices.Contains([]string{authNone, authPost, authBasic}, metadata.AuthMethod) {
		return registered{}, refuse(invalidClientMetadata, "token_endpoint_auth_method must be none, client_secret_post or client_secret_basic")
	}
	if err := metadata.normalize(); err != nil {
		return registered{}, err
	}
	client := Registration{ID: newClientID(), Name: metadata.Name, RedirectURIs: metadata.RedirectURIs, IssuedAt: p.opts.Now()}
	answer := registered{ID: client.ID, IssuedAt: client.IssuedAt.Unix(), clientMetadata: metadata}
	if metadata.AuthMethod != authNone {
		answer.Secret, answer.ExpiresAt = "secret_"+rand.Text(), new(int64)
		client.SecretHash = hash(answer.Secret)
	}
	p.clients.registered.put(client.ID, client)
	return answer, p.opts.Changed()
}

// normalize checks client metadata and replaces what is asked for by what is given. Grant types that do not
// exist here are left out instead of refused (RFC 7591 section 2 allows both): editors ask for the device
// grant besides the one they use. Client credentials are among them, or anybody could give themselves a token.
func (m *clientMetadata) normalize() error {
	if len(m.RedirectURIs) == 0 || len(m.RedirectURIs) > maxRedirectURIs {
		return refuse(invalidRedirectURI, "redirect_uris must have one entry at least and 20 at most")
	}
	for _, uri := range m.RedirectURIs {
		if err := checkRedirectURI(uri); err != nil {
			return refuse(invalidRedirectURI, err.Error())
		}
	}
	if utf8.RuneCountInString(m.Name) > maxName {
		return refuse(invalidClientMetadata, "client_name must have 200 characters at most")
	}
	if len(m.GrantTypes) == 0 {
		m.GrantTypes = []string{grantCode}
	}
	m.GrantTypes = slices.DeleteFunc(m.GrantTypes, func(grant string) bool { return grant != grantCode && grant != grantRefresh })
	if !slices.Contains(m.GrantTypes, grantCode) {
		return refuse(invalidClientMetadata, "grant_types must include authorization_code")
	}
	if len(m.ResponseTypes) > 0 && !slices.Contains(m.ResponseTypes, "code") {
		return refuse(invalidClientMetadata, "response_types must include code")
	}
	m.ResponseTypes = []string{"code"}
	return nil
}

// refuse answers with a failure and has it observed. An error of another kind is our fault.
func (p *Provider) refuse(w http.ResponseWriter, r *http.Request, event Event, err error) {
	refusal, ok := errors.AsType[*failure](err)
	if !ok {
		refusal = failed(err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDocument)) // lets a client that still writes read the answer
	event.Error = refusal.code
	p.opts.Observe(r, event)
	refusal.write(w)
}
