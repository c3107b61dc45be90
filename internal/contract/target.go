package contract

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"time"
)

// Minter makes tokens that the server under test trusts, and tokens it must not trust.
type Minter interface {
	// Environment is the environment URL, ResourceID the res_… id in aud, Issuer the identifier in
	// authorization_servers.
	Environment() string
	ResourceID() string
	Issuer() string
	// Mint makes a good token with claims laid over the defaults; a nil value leaves a claim out.
	Mint(claims map[string]any) (string, error)
	// BadKinds names the kinds of bad tokens, Why says why one must be refused, Bad makes one.
	BadKinds() []string
	Why(kind string) string
	Bad(kind string) (string, error)
}

// Keys controls the endpoint from which the server under test fetches the public keys.
type Keys interface {
	// KeyID is the key that signs now. Rotate makes a new one and keeps the old ones published; Withdraw
	// stops publishing one.
	KeyID() string
	Rotate() string
	Withdraw(kid string) bool
	// Outage, Hang and Bloat make the endpoint answer 503, never, and with megabytes of padding. Slow delays
	// its answers.
	Outage(on bool)
	Slow(delay time.Duration)
	Hang(on bool)
	Bloat(on bool)
	// Fetches counts the requests for the keys so far, TokensReceived those that carried an access token.
	Fetches() int
	TokensReceived() int
}

// Issuer is an authorization server under the caller's control.
type Issuer interface {
	Minter
	Keys
}

// Process is the running server under test.
type Process interface {
	// Terminate asks it to stop, as SIGTERM does.
	Terminate() error
	// Wait returns the exit code once it has stopped.
	Wait(context.Context) (int, error)
	// Log returns what it has written so far.
	Log() []byte
}

// Site is one running server.
type Site struct {
	// URL is the MCP URL, as a user types it into a client.
	URL string
	// Issuer is trusted by the server. Nil when the issuer is a real one: no token can be forged then.
	Issuer Issuer
	// Process is the server's. Nil when it was started by somebody else.
	Process Process
	// Restart starts the server again once its process has ended: with the same settings, at the same address, and
	// trusting the same issuer. Close ends it. Nil when that cannot be done.
	Restart func(context.Context) error
	// Metadata is the protected resource metadata the server was configured with. Nil when unknown.
	Metadata json.RawMessage
	// Audience is the EXPECTED_AUDIENCE the server was configured with. Empty means the URL.
	Audience string
	// Secrets are values that must not appear in the server's log.
	Secrets []string
	// Close ends what was started for this site. It may be nil.
	Close func() error
}

// Tool is a tool of the server under test.
type Tool struct {
	Name      string
	Arguments map[string]any
	// Scopes are those a call needs. Empty for a tool that needs none.
	Scopes []string
	// destructive tools are not called to find out what they do.
	destructive bool
}

// Target is what is to be checked.
type Target struct {
	Site
	// NewSite starts another copy of the server with an issuer of its own; prepare is called with that
	// issuer before the server starts. With it the checks that disturb run beside the others. Nil when the
	// server cannot be started again: they then run on Site, and what needs a restart is skipped.
	NewSite func(ctx context.Context, prepare func(Issuer)) (Site, error)
	// Token is an access token to use when Site has no Issuer. It is sent to no other host than that of URL.
	Token string
	// Credentials get a token, when Site has no Issuer and Token is empty, from the token endpoint to which
	// the discovery chain leads. Nil means that there are none.
	Credentials *Credentials
	// Local looks for a way to control the authorization server that the discovery chain leads to, when that
	// is on this machine and neither Issuer, Token nor Credentials are given. With it everything is checked that
	// needs no start of the server, in any number of requests. Nil means: do not look.
	Local func(ctx context.Context, issuer string) (Issuer, bool)
	// PublicTool needs no scope and ScopedTool at least one. Nil, or one that tools/list does not name, means:
	// find one by calling what tools/list names and does not call destructive, which is done only where Site
	// has an Issuer.
	PublicTool, ScopedTool *Tool
	// CallerTool shows its caller: its answer holds the subject. Nil means ScopedTool or, if that does
	// not, the first tool whose answer does.
	CallerTool *Tool
	// BaselineScopes are configured to be named in the challenge of a request without a token.
	BaselineScopes []string
	// AllowedOrigin is a browser origin that the server was configured to allow. Empty means its own.
	AllowedOrigin string
	// OwnHealth says that the server had a /health of its own before it was protected, which is kept.
	OwnHealth bool
	// Embedded says that the endpoint is in a program that was there before it, and that keeps its own server: how long
	// a header may take, how the program stops and what else it logs is not the endpoint's. Where that falls short of the
	// contract it is not checked, and the report says so.
	Embedded bool
	// Hidden are values that must not appear in a report.
	Hidden []string
	// RefusalInBody accepts a refused tool call that is an MCP error in a 200 answer, for frameworks that
	// cannot answer 403 per tool.
	RefusalInBody bool
	// Legacy says why the server serves no revision without initialize, for example that its SDK knows none. C19 then
	// skips 2026-07-28. Empty means that it has to.
	Legacy string
	// TLS is how to trust a server whose certificate is not publicly trusted.
	TLS *tls.Config
	// MaxRequests ends the walk's requests after so many. Zero means no limit.
	MaxRequests int
	// Full also does, on a server whose issuer is real, what uses it up: limits and many connections.
	Full bool
	// Limits are the server's, the contract's where they are zero.
	Limits Limits
}

// Credentials are those of a machine client, registered for the server under test.
type Credentials struct {
	// ClientID is public, m2m_… at Scalekit. Secret is shown nowhere, and sent only over https or on this
	// machine.
	ClientID, Secret string
	// Scope is what to ask for, separated by spaces. Empty asks for what the client may have.
	Scope string
}

// Limits are the numbers of the contract.
type Limits struct {
	// KeyFloor is the least time between two fetches of the keys. Zero means 5 s.
	KeyFloor time.Duration
	// KeyWait is how long the effect of a changed key may take to show. Zero means 12 s.
	KeyWait time.Duration
	// UnknownKeys is how many tokens with unknown keys are sent to count the fetches. Zero means 10,000.
	UnknownKeys int
	// Body, Token and Header are the largest sizes accepted, in bytes. Zero means 256, 8 and 16 KiB.
	Body, Token, Header int
	// InFlight is how many requests are answered at one time. Zero means 128.
	InFlight int
	// ReadHeader is how long a client may take to send the header, Stop how long the server may take to
	// stop. Zero means 5 s and 10 s.
	ReadHeader, Stop time.Duration
}

func (l Limits) withDefaults() Limits {
	orDuration := func(d *time.Duration, fallback time.Duration) {
		if *d == 0 {
			*d = fallback
		}
	}
	orInt := func(n *int, fallback int) {
		if *n == 0 {
			*n = fallback
		}
	}
	orDuration(&l.KeyFloor, 5*time.Second)
	orDuration(&l.KeyWait, 12*time.Second)
	orDuration(&l.ReadHeader, 5*time.Second)
	orDuration(&l.Stop, 10*time.Second)
	orInt(&l.UnknownKeys, 10_000)
	orInt(&l.Body, 256<<10)
	orInt(&l.Token, 8<<10)
	orInt(&l.Header, 16<<10)
	orInt(&l.InFlight, 128)
	return l
}
