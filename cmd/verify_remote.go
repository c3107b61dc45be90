package cmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/remote"
)

// mostRequests is what a server in production is asked at most.
const mostRequests = 50

// remote is a server that somebody else runs.
func (p *program) remote(o verifyOptions) (contract.Target, error) {
	target := contract.Target{Site: contract.Site{URL: o.url}, MaxRequests: mostRequests, Full: o.full, Local: local}
	if o.full {
		target.MaxRequests = 0
	}
	in := &source{stdin: p.streams.In}
	var err error
	if target.TLS, err = trusting(in, o.caFile); err != nil {
		return target, err
	}
	if target.Credentials, err = p.credentials(in, o); err != nil {
		return target, err
	}
	if target.Credentials == nil {
		target.Token, err = p.secret(in, "--token-file", o.tokenFile, "MCPAUTH_TOKEN")
	}
	if err == nil && (target.Token != "" || target.Credentials != nil) && !private(o.url) {
		err = hinted{usageError{fmt.Errorf("a token would go to %s in clear text", o.url)}, "use https; http is for servers on this machine"}
	}
	return target, err
}

// local finds the authorization server of mcpauth dev.
func local(ctx context.Context, issuer string) (contract.Issuer, bool) {
	return remote.Find(ctx, issuer)
}

// credentials are those of --client-id, nil without it. SK_CLIENT_SECRET is not read: it is the secret of the whole
// environment, and the server under test says where the secret is sent.
func (p *program) credentials(in *source, o verifyOptions) (*contract.Credentials, error) {
	if o.clientID == "" {
		return nil, nil
	}
	secret, err := p.secret(in, "--client-secret-file", o.secretFile, "MCPAUTH_CLIENT_SECRET")
	if err == nil && secret == "" {
		err = usageError{errors.New("--client-id needs --client-secret-file or MCPAUTH_CLIENT_SECRET")}
	}
	return &contract.Credentials{ClientID: o.clientID, Secret: secret, Scope: o.scope}, err
}

// secret is what a file or a variable holds, "" when neither is given. It is in no message.
func (p *program) secret(in *source, flag, name, variable string) (string, error) {
	value, from := p.getenv(variable), variable
	if name != "" {
		data, err := in.read(name, flag)
		if err != nil {
			return "", usageError{fmt.Errorf("%s: %w", flag, err)}
		}
		value, from = string(data), flag
		if strings.TrimSpace(value) == "" {
			return "", usageError{fmt.Errorf("%s: there is nothing in it", flag)}
		}
	}
	value = strings.TrimSpace(value)
	if strings.ContainsFunc(value, func(c rune) bool { return c < '!' || c > '~' }) {
		return "", usageError{fmt.Errorf("%s holds more than one word, or characters that no header can carry", from)}
	}
	return value, nil
}

// private reports whether what is sent to a URL can be read on the way by nobody else.
func private(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// trusting adds the certificates in a file to those of the system. Nil when no file is given.
func trusting(in *source, name string) (*tls.Config, error) {
	if name == "" {
		return nil, nil
	}
	data, err := in.read(name, "--ca-file")
	if err != nil {
		return nil, usageError{fmt.Errorf("--ca-file: %w", err)}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, usageError{fmt.Errorf("--ca-file %s: no certificate in it: give a PEM file", name)}
	}
	return &tls.Config{RootCAs: pool}, nil
}
