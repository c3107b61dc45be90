// Package oauth is the half of the local authorization server that clients log in to: metadata (RFC 8414),
// client registration (RFC 7591 and client ID metadata documents), the authorization code flow with PKCE,
// refresh tokens and client credentials, at Scalekit's URLs.
//
// It follows OAuth 2.1 as the MCP revision 2026-07-28 uses it. There is no login: a person picks one of the
// test users on the consent page, or the first one is picked for them. Everything it keeps is bounded.
package oauth

import (
	"encoding/json"
	"html/template"
	"net/http"
	"sync"
	"time"
)

// Authority is the server that the endpoints belong to. Its URLs are asked for with each request, because
// they are known only once it listens.
type Authority interface {
	// Environment is the environment URL, without a trailing slash.
	Environment() string
	// Issuer is the identifier of the one resource's authorization server: the entry in authorization_servers.
	Issuer() string
	// Mint signs an access token with claims laid over the defaults.
	Mint(claims map[string]any) (string, error)
}

// User is somebody who can be chosen on the consent page.
type User struct {
	// ID is the sub of the tokens, usr_ and a number. Organization is their oid; empty means the default one.
	ID           string
	Organization string
	Name         string
	Email        string
}

// Event is what happened at an endpoint, free of secrets.
type Event struct {
	// Grant is the grant_type of a token request, "other" for one that is not supported.
	Grant string
	// ClientID is the id of the client, once it is known that there is such a client.
	ClientID string
	// Error is the OAuth error code of a refusal.
	Error string
}

// Options describe the resource and who may log in to it.
type Options struct {
	// ResourceID is the res_… id. ServerURL is the URL registered for the protected server; when it is empty
	// a client may name any resource, and aud holds the id alone.
	ResourceID string
	ServerURL  string
	// Scopes are the resource's own. Granted besides them: openid, profile, email and offline_access.
	Scopes []string
	// Users can be chosen on the consent page; there must be one at least.
	Users []User
	// Clients are registered beforehand.
	Clients []Client
	// AutoConsent allows everything in the name of the first user, or of the one that login_hint names, except
	// to clients that registered themselves and want the answer sent to a web site.
	AutoConsent bool
	// Lifetime is what the answers say about the access tokens.
	Lifetime time.Duration
	// Metadata is the protected resource metadata. Empty means: made from the other options.
	Metadata json.RawMessage
	// DocumentClient fetches client ID metadata documents. Nil means one that connects to public and to
	// loopback addresses only.
	DocumentClient *http.Client
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// Observe is told about each request to the authorization, token and registration endpoints. Nil means nobody is.
	Observe func(*http.Request, Event)
	// Changed is called when State has changed and before the client learns of it. An error is answered with
	// server_error. Nil means that nobody keeps the state.
	Changed func() error
}

// Limits of what is kept. What is oldest is forgotten first.
const (
	maxClients   = 1_000
	maxTickets   = 1_000
	maxCodes     = 1_000
	maxFamilies  = 1_000
	maxDocuments = 100
)

// Lifetimes. RFC 6749 section 4.1.2 recommends ten minutes at most for a code; a code that was used is
// remembered longer than it is valid, so that its reuse is noticed.
const (
	ticketLifetime   = 10 * time.Minute
	codeLifetime     = time.Minute
	codeMemory       = 10 * time.Minute
	refreshLifetime  = 30 * 24 * time.Hour
	documentLifetime = 5 * time.Minute
)

// Provider serves the endpoints.
type Provider struct {
	opts      Options
	authority Authority
	clients   *clients
	documents *documents
	tickets   *shelf[authorization]
	grants    *grants
	pages     func() (*template.Template, error) // parsed when first needed
}

// New returns a provider for the resource that opts describe.
func New(authority Authority, opts Options) *Provider {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Observe == nil {
		opts.Observe = func(*http.Request, Event) {}
	}
	if opts.Changed == nil {
		opts.Changed = func() error { return nil }
	}
	return &Provider{
		opts:      opts,
		authority: authority,
		clients:   newClients(opts.Clients, opts.Now),
		documents: newDocuments(opts.DocumentClient, opts.Now),
		tickets:   newShelf[authorization](maxTickets, ticketLifetime, opts.Now),
		grants:    newGrants(opts.Now),
		pages:     sync.OnceValues(parsePages),
	}
}

// Routes registers the endpoints.
func (p *Provider) Routes(mux *http.ServeMux) {
	const resource = "/resources/{resource}"
	HandleOpen(mux, http.MethodGet, "/.well-known/oauth-authorization-server"+resource, p.only(p.serveMetadata))
	HandleOpen(mux, http.MethodGet, resource+"/.well-known/oauth-authorization-server", p.only(p.serveMetadata))
	HandleOpen(mux, http.MethodGet, "/.well-known/openid-configuration", p.serveEnvironment)
	HandleOpen(mux, http.MethodPost, "/api/v1"+resource+"/clients:register", p.only(p.serveRegistration))
	HandleOpen(mux, http.MethodPost, resource+"/oauth/token", p.only(p.serveToken))
	HandleOpen(mux, http.MethodPost, "/oauth/token", p.serveToken)
	mux.HandleFunc("GET /api/v1"+resource, p.only(p.serveResource))
	mux.HandleFunc("GET "+resource+"/oauth/authorize", p.only(p.serveAuthorize))
	mux.HandleFunc("POST "+resource+"/oauth/authorize", p.only(p.serveDecision))
}

// only answers 404 for every resource but the one there is.
func (p *Provider) only(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("resource") != p.opts.ResourceID {
			writeJSON(w, http.StatusNotFound, map[string]string{
				"error": "not_found", "error_description": "this authorization server has one resource, " + p.opts.ResourceID,
			})
			return
		}
		next(w, r)
	}
}
