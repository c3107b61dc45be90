// Package remote controls a local authorization server that runs in another process, as mcpauth dev runs one, so
// that a server which somebody else has started can be checked with it.
package remote

import (
	"context"
	"strings"

	"github.com/mcpauth/mcpauth/internal/authserver/control"
	"github.com/mcpauth/mcpauth/internal/contract"
)

// Issuer is a running local authorization server. Its methods ask it each time; what it does not answer is
// seen by the checks as a server that does not keep the contract.
type Issuer struct {
	environment, resourceID, issuer string
	client                          *control.Client
	kinds                           []control.BadKind
	tokens                          int // received before the walk
}

var _ contract.Issuer = (*Issuer)(nil)

// Find returns the authorization server with this issuer, ENV/resources/RES, if it can be controlled. It talks to
// nobody but this machine.
func Find(ctx context.Context, issuer string) (*Issuer, bool) {
	environment, id, split := strings.Cut(issuer, "/resources/")
	if !split {
		return nil, false
	}
	client, err := control.New(environment)
	if err != nil {
		return nil, false
	}
	i := &Issuer{environment: environment, resourceID: id, issuer: issuer, client: client}
	if i.kinds, err = client.BadKinds(ctx); err != nil || len(i.kinds) == 0 {
		return nil, false
	}
	i.tokens = i.count(func(r request) bool { return r.Token })
	return i, true
}
