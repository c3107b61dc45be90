package check

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/run"
)

// A Server is a built server that can be started against an authorization server of ours.
type Server struct {
	Binary  string
	MCPPath string
	Scopes  []string // of the sample tool whoami
	TLS     bool     // the server speaks TLS itself
	ByID    bool     // the expected audience is the res_… id, not the URL

	dir    string // working directory of the server: empty, so that no .env is read
	cert   certificate
	signer *rsa.PrivateKey
}

const startTimeout = 20 * time.Second

// secret is a client secret that must not appear in the server's log.
const secret = "check-secret-5f2c1d"

// NewTarget starts the server and returns it as a target for the contract, with a way to start more of them.
// scratch is an empty directory of the caller's.
func (s Server) NewTarget(ctx context.Context, scratch string) (contract.Target, error) {
	var err error
	if s.signer, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return contract.Target{}, fmt.Errorf("making a signing key: %w", err)
	}
	if s.dir = filepath.Join(scratch, "cwd"); os.Mkdir(s.dir, 0o700) != nil {
		return contract.Target{}, fmt.Errorf("making %s: it exists or cannot be made", s.dir)
	}
	target := contract.Target{
		NewSite:    s.start,
		PublicTool: &contract.Tool{Name: "greet", Arguments: map[string]any{"name": "Ada"}},
		ScopedTool: &contract.Tool{Name: "whoami", Arguments: map[string]any{}, Scopes: s.Scopes},
	}
	if s.TLS {
		if s.cert, err = selfSigned(scratch); err != nil {
			return contract.Target{}, err
		}
		target.TLS = &tls.Config{RootCAs: s.cert.pool}
	}
	target.Site, err = s.start(ctx, func(contract.Issuer) {})
	return target, err
}

// start runs one more copy of the server, with an authorization server of its own.
func (s Server) start(ctx context.Context, prepare func(contract.Issuer)) (contract.Site, error) {
	port, err := run.FreePort()
	if err != nil {
		return contract.Site{}, err
	}
	scheme := "http"
	if s.TLS {
		scheme = "https"
	}
	origin := fmt.Sprintf("%s://127.0.0.1:%d", scheme, port)
	issuer := authserver.New(authserver.Options{ServerURL: origin + s.MCPPath, SigningKeys: []*rsa.PrivateKey{s.signer}})
	if err := issuer.Start(); err != nil {
		return contract.Site{}, err
	}
	prepare(issuer)
	site, err := s.startWith(ctx, issuer, port, origin)
	if err != nil {
		return contract.Site{}, errors.Join(err, issuer.Close())
	}
	return site, nil
}

func (s Server) startWith(ctx context.Context, issuer *authserver.Server, port int, origin string) (contract.Site, error) {
	site := contract.Site{URL: origin + s.MCPPath, Issuer: issuer, Secrets: []string{secret}}
	var err error
	site.Metadata, err = json.Marshal(map[string]any{
		"authorization_servers":    []string{issuer.Issuer()},
		"bearer_methods_supported": []string{"header"},
		"resource":                 site.URL,
		"resource_documentation":   site.URL + "?docs",
		"scopes_supported":         s.Scopes,
	})
	if err != nil {
		return site, err
	}
	site.Audience = site.URL
	if s.ByID {
		site.Audience = issuer.ResourceID()
	}
	process, err := run.Start(context.WithoutCancel(ctx), run.Command{
		Path: s.Binary,
		Dir:  s.dir,
		Env: run.Environment(os.Environ(), []string{
			"PORT=" + strconv.Itoa(port),
			"SK_ENV_URL=" + issuer.Environment(),
			"SK_CLIENT_ID=skc_check",
			"SK_CLIENT_SECRET=" + secret,
			"EXPECTED_AUDIENCE=" + site.Audience,
			"PROTECTED_RESOURCE_METADATA=" + string(site.Metadata),
			"TLS_CERT_FILE=" + s.cert.certFile,
			"TLS_KEY_FILE=" + s.cert.keyFile,
		}),
	})
	if err != nil {
		return site, err
	}
	site.Process = process
	site.Close = func() error { return errors.Join(process.Stop(), issuer.Close()) }
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := run.AwaitHealthy(ctx, process, s.cert.client(), origin+"/health"); err != nil {
		return site, errors.Join(err, process.Stop())
	}
	return site, nil
}
