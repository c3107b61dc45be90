// Package remote controls a local authorization server that runs in another process, as mcpauth dev runs one, so
// that a server which somebody else has started can be checked with it.
package remote

import (
	"context"
	"strings"
	"sync"

	"github.com/mcpauth/mcpauth/internal/authserver/control"
	"github.com/mcpauth/mcpauth/internal/contract"
)

// Issuer is a running local authorization server. Its methods ask it each time. Once a question is not answered, Err
// says so, and the walk fails: nothing that is counted or ordered can be relied on then.
type Issuer struct {
	environment, resourceID, issuer string
	client                          *control.Client
	kinds                           []control.BadKind
	before                          counters // the walk

	mu     sync.Mutex
	failed error
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
	i.before = i.counters()
	return i, i.Err() == nil
}
