package check

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
)

// A Server is a built server of a rendered project.
type Server struct {
	Binary  string
	MCPPath string
	Scopes  []string // of the sample tool whoami
	TLS     bool     // the server speaks TLS itself
	ByID    bool     // the expected audience is the res_… id, not the URL
}

// NewTarget starts the server and returns it as a target for the contract, with a way to start more of them.
// scratch is an empty directory; the caller closes the target's site.
func (s Server) NewTarget(ctx context.Context, scratch string) (contract.Target, error) {
	dir := filepath.Join(scratch, "cwd") // empty, so that no .env is read
	if err := os.Mkdir(dir, 0o700); err != nil {
		return contract.Target{}, fmt.Errorf("making a working directory for the server: %w", err)
	}
	started := stand.Server{Path: s.Binary, Dir: dir, MCPPath: s.MCPPath, Scopes: s.Scopes, ResourceAudience: s.ByID}
	var variables []string
	if s.TLS {
		cert, err := selfSigned(scratch)
		if err != nil {
			return contract.Target{}, err
		}
		started.TLS = &tls.Config{RootCAs: cert.pool}
		variables = []string{"TLS_CERT_FILE=" + cert.certFile, "TLS_KEY_FILE=" + cert.keyFile}
	}
	started.Env = run.Environment(os.Environ(), variables)
	target, err := started.Target(ctx)
	if err != nil {
		return contract.Target{}, err
	}
	target.PublicTool = &contract.Tool{Name: "greet", Arguments: map[string]any{"name": "Ada"}}
	target.ScopedTool = &contract.Tool{Name: "whoami", Arguments: map[string]any{}, Scopes: s.Scopes}
	return target, nil
}
