package authserver

import (
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver/oauth"
)

// Client is registered beforehand, User can be chosen on the consent page.
type (
	Client = oauth.Client
	User   = oauth.User
)

// DefaultResourceID is the resource id of a server whose options name none.
const DefaultResourceID = "res_70000000000000001"

// DefaultLifetime is how long a minted token lives when the options say nothing.
const DefaultLifetime = time.Hour

// IssuerForm selects which of the two issuers in circulation minted tokens carry.
type IssuerForm string

const (
	// EnvironmentIssuer puts the environment URL in iss, the form Scalekit is moving away from.
	EnvironmentIssuer IssuerForm = "env"
	// ResourceIssuer puts the resource's own issuer in iss, the form Scalekit is moving to.
	ResourceIssuer IssuerForm = "resource"
)

// Options describe the environment to imitate. The zero value is usable.
type Options struct {
	// Addr is where Start listens. It must be a loopback address; empty means 127.0.0.1:0.
	Addr string
	// Environment is the URL under which the server is known, without a trailing slash. Empty means
	// http:// and the address Start listens on; a handler that is never started needs it set.
	Environment string
	// ResourceID is the res_… id of the protected server. Empty means DefaultResourceID.
	ResourceID string
	// ServerURL is the URL registered for the protected server, put in aud exactly as written, before
	// the resource id. Empty leaves the resource id alone in aud, as Scalekit does.
	ServerURL string
	// IssuerForm is the form of iss at first. Empty means EnvironmentIssuer.
	IssuerForm IssuerForm
	// Lifetime is the time between iat and exp. Zero means DefaultLifetime.
	Lifetime time.Duration
	// SigningKeys are used in order, by New and by each Rotate. When there are no more, the keys of Pool are.
	SigningKeys []*rsa.PrivateKey
	// Pool lends keys, also those that are never published. Nil means a pool that no other server has.
	Pool *Pool
	// Scopes are the resource's own, the scopes_supported of its metadata.
	Scopes []string
	// Users can be chosen on the consent page. Nil means three made-up ones, of which the first has
	// DefaultSubject and DefaultOrganization.
	Users []User
	// Clients are registered beforehand: those that act for themselves, and those that cannot register.
	Clients []Client
	// AutoConsent lets clients on this computer, and those in Clients, in without asking, as the first user or
	// the one login_hint names. A client that registered itself for a web site is asked about all the same.
	AutoConsent bool
	// Metadata is the protected resource metadata that the resource API shows. Empty means made from the
	// other options.
	Metadata json.RawMessage
	// DocumentClient fetches client ID metadata documents. Nil means one that connects to public and to
	// loopback addresses only.
	DocumentClient *http.Client
	// StateFile keeps the keys, the registered clients and the refresh tokens (as hashes) over a restart. Empty
	// means that they are kept in memory. It is read by Start, or by Restore.
	StateFile string
	// Now is the clock of codes and refresh tokens. Nil means time.Now.
	Now func() time.Time
}

func (opts Options) withDefaults() Options {
	if opts.ResourceID == "" {
		opts.ResourceID = DefaultResourceID
	}
	if opts.IssuerForm == "" {
		opts.IssuerForm = EnvironmentIssuer
	}
	if opts.Lifetime == 0 {
		opts.Lifetime = DefaultLifetime
	}
	if opts.Pool == nil {
		opts.Pool = NewPool()
	}
	if len(opts.Users) == 0 {
		opts.Users = defaultUsers()
	}
	return opts
}

func defaultUsers() []User {
	return []User{
		{ID: DefaultSubject, Organization: DefaultOrganization, Name: "Ada Lovelace", Email: "ada@example.com"},
		{ID: "usr_70000000000000005", Organization: DefaultOrganization, Name: "Grace Hopper", Email: "grace@example.com"},
		{ID: "usr_70000000000000006", Organization: "org_70000000000000007", Name: "Katherine Johnson", Email: "katherine@example.org"},
	}
}
