package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/templates"
)

// Target starts the server that was built from a project with the configuration c, and returns it as a target for
// the contract, with a way to start more of them. The caller closes the target's site. A server that ends by itself is
// a BrokenError.
func (w Workshop) Target(ctx context.Context, c config.Config) (contract.Target, error) {
	server, err := w.Server(c)
	if err != nil {
		return contract.Target{}, err
	}
	target, err := server.Target(ctx)
	if errors.Is(err, run.ErrEnded) {
		return contract.Target{}, BrokenError{err.Error()}
	}
	if err != nil {
		return contract.Target{}, err
	}
	NameTools(&target, w.Stack, c.Scopes)
	return target, nil
}

// NameTools tells the contract of the stack's sample tools, of which one requires scopes.
func NameTools(target *contract.Target, stack templates.Stack, scopes []string) {
	for _, tool := range stack.Tools {
		known := &contract.Tool{Name: tool.Name, Arguments: tool.Arguments}
		if tool.Scoped {
			known.Scopes = scopes
			target.ScopedTool = known
		} else {
			target.PublicTool = known
		}
	}
}

// startTimeout is how long a server may take until it answers: several copies start at one time, and an interpreter
// loads its packages for each.
const startTimeout = time.Minute

// Server describes the server that was built from a project with the configuration c. It runs in an empty directory, so that it
// reads no .env.
func (w Workshop) Server(c config.Config) (stand.Server, error) {
	dir := filepath.Join(w.Scratch, "cwd")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return stand.Server{}, fmt.Errorf("making a working directory for the server: %w", err)
	}
	start := w.Command(w.Stack.Start)
	s := stand.Server{
		Path: start[0], Args: start[1:], Dir: dir,
		MCPPath: c.MCPPath, Scopes: c.Scopes,
		ResourceAudience: c.Audience == c.ResourceID,
		StartTimeout:     startTimeout,
	}
	var variables []string
	if c.TLSCert != "" {
		cert, err := SelfSigned(w.Scratch)
		if err != nil {
			return stand.Server{}, err
		}
		s.TLS = &tls.Config{RootCAs: cert.Pool}
		variables = []string{"TLS_CERT_FILE=" + cert.CertFile, "TLS_KEY_FILE=" + cert.KeyFile}
	}
	s.Env = w.environment(variables)
	return s, nil
}
