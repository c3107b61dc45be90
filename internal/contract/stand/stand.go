// Package stand starts a built server, as often as the contract needs it, each time on a port of its own
// and wired to a local authorization server of its own.
package stand

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/run"
)

// Server describes a server that reads its configuration from the environment, as the contract says.
type Server struct {
	// Path is the program, Args its arguments, Dir the directory it runs in. PortPlaceholder in Args and Env stands for
	// the port.
	Path string
	Args []string
	Dir  string
	// Env is the environment besides the variables of the contract, each NAME=value; see run.Environment.
	Env []string
	// Origin is where a server listens that does not read PORT: scheme, host and port. Only one of it can run at a time.
	// Empty means: at the port that it is told.
	Origin string
	// Ready is a path that answers 200 as soon as the server is up. Empty means /health.
	Ready string
	// MCPPath is the path of the MCP endpoint. Empty means /.
	MCPPath string
	// Scopes are the scopes_supported of the metadata.
	Scopes []string
	// ResourceAudience configures the server with the resource id as EXPECTED_AUDIENCE instead of its URL.
	ResourceAudience bool
	// TLS is how to trust the server's certificate, when Env sets TLS_CERT_FILE and TLS_KEY_FILE. Nil
	// means that the server speaks plain HTTP.
	TLS *tls.Config
	// Authorization are the options of the authorization server, except for its ServerURL and AutoConsent, which
	// are set here. Its Scopes are the server's when it has none of its own. All copies of a target have one Pool.
	Authorization authserver.Options
	// StartTimeout bounds the wait for /health. Zero means run.DefaultStartTimeout.
	StartTimeout time.Duration
}

// maxAttempts is how often a start is tried when somebody else has taken the port meanwhile.
const maxAttempts = 3

// Target starts the server and returns it as a target whose checks can start further copies. The caller
// closes the target's site.
func (s Server) Target(ctx context.Context) (contract.Target, error) {
	if s.Authorization.Pool == nil {
		s.Authorization.Pool = authserver.NewPool()
	}
	site, err := s.Open(ctx, func(contract.Issuer) {})
	if err != nil {
		return contract.Target{}, err
	}
	target := contract.Target{Site: site, NewSite: s.Open, TLS: s.TLS}
	if s.Origin != "" {
		target.NewSite = nil
	}
	return target, nil
}

// Open starts an authorization server, hands it to prepare, and starts the server so that it trusts it.
func (s Server) Open(ctx context.Context, prepare func(contract.Issuer)) (contract.Site, error) {
	for attempt := 1; ; attempt++ {
		site, err := s.open(ctx, prepare)
		if err == nil || attempt == maxAttempts || !strings.Contains(err.Error(), "in use") {
			return site, err
		}
	}
}

func (s Server) open(ctx context.Context, prepare func(contract.Issuer)) (contract.Site, error) {
	if s.Origin != "" {
		return s.openAt(ctx, s.Origin, prepare)
	}
	port, err := run.ReservePort()
	if err != nil {
		return contract.Site{}, err
	}
	site, err := s.openAt(ctx, s.local(port.Number), prepare)
	if err != nil {
		return contract.Site{}, errors.Join(err, port.Release())
	}
	end := site.Close
	site.Close = func() error { return errors.Join(end(), port.Release()) }
	return site, nil
}

// local is the origin of a server that is told its port.
func (s Server) local(port int) string {
	if s.TLS != nil {
		return fmt.Sprintf("https://127.0.0.1:%d", port)
	}
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}

func (s Server) openAt(ctx context.Context, origin string, prepare func(contract.Issuer)) (contract.Site, error) {
	url := origin + s.path()
	secret := "secret_" + rand.Text()
	issuer := authserver.New(s.authorization(url, secret))
	if err := issuer.Start(); err != nil {
		return contract.Site{}, err
	}
	prepare(issuer)
	site := contract.Site{URL: url, Issuer: issuer, Secrets: []string{secret}, Audience: url}
	if s.ResourceAudience {
		site.Audience = issuer.ResourceID()
	}
	site.Metadata = s.metadata(url, issuer)
	process, err := s.start(ctx, origin, s.settings(site, issuer))
	if err != nil {
		return contract.Site{}, errors.Join(err, issuer.Close())
	}
	site.Process = process
	latest := process
	site.Restart = func(ctx context.Context) error {
		again, err := s.start(ctx, origin, s.settings(site, issuer))
		if err == nil {
			latest = again
		}
		return err
	}
	site.Close = func() error { return errors.Join(latest.Stop(), issuer.Close()) }
	return site, nil
}

// authorization knows the credentials that the server gets: one that uses the Scalekit SDK logs in with them.
func (s Server) authorization(url, secret string) authserver.Options {
	opts := s.Authorization
	opts.ServerURL, opts.AutoConsent = url, true
	opts.Clients = append(slices.Clone(opts.Clients), authserver.Client{ID: authserver.DefaultClientID, Secret: secret, Name: "the server"})
	if opts.Scopes == nil {
		opts.Scopes = s.Scopes
	}
	return opts
}

func (s Server) path() string {
	if s.MCPPath == "" {
		return "/"
	}
	return s.MCPPath
}

// metadata is what the dashboard would show for the server at url.
func (s Server) metadata(url string, issuer *authserver.Server) json.RawMessage {
	document := map[string]any{
		"authorization_servers":    []string{issuer.Issuer()},
		"bearer_methods_supported": []string{"header"},
		"resource":                 url,
		"resource_documentation":   strings.TrimSuffix(url, "/") + "/docs",
		"scopes_supported":         append([]string{}, s.Scopes...),
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		panic(fmt.Sprintf("strings without a JSON form: %v", err)) // there are none
	}
	return encoded
}

// settings are those of the server for a site.
func (s Server) settings(site contract.Site, issuer *authserver.Server) contract.Settings {
	return contract.Settings{
		Host:           "127.0.0.1",
		EnvironmentURL: issuer.Environment(),
		ClientID:       authserver.DefaultClientID,
		ClientSecret:   site.Secrets[0],
		Audience:       site.Audience,
		Metadata:       site.Metadata,
	}
}

// start starts a process that belongs to the site, not to the call that starts it: only Close ends it.
func (s Server) start(ctx context.Context, origin string, settings contract.Settings) (*run.Process, error) {
	ready := s.Ready
	if ready == "" {
		ready = "/health"
	}
	command, err := s.command(origin, settings)
	if err != nil {
		return nil, err
	}
	return run.StartHealthy(ctx, context.WithoutCancel(ctx), command, s.client(), origin+ready, s.StartTimeout)
}

func (s Server) client() *http.Client {
	return &http.Client{
		Timeout:   time.Second,
		Transport: &http.Transport{TLSClientConfig: s.TLS, DisableKeepAlives: true},
	}
}
