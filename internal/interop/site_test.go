package interop_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/mcpauth/mcpauth/internal/run"
)

// dir holds a rendered server whose tool greet needs no scope, and whose tool whoami needs both of these.
const dir = "../../testdata/golden/go/scopes/want"

const (
	readScope  = "notes:read"
	writeScope = "notes:write"
)

// A site is a running server, and the authorization server that it trusts.
type site struct {
	url  string
	auth *authserver.Server
}

// build builds the rendered server and returns the binary.
func build(t *testing.T) string {
	t.Helper()
	p, err := project.Load(filepath.FromSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	w := check.Workshop{Stack: p.Stack, Dir: p.Dir, Scratch: t.TempDir()}
	for _, step := range p.Stack.Build {
		if err := w.Run(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(w.Scratch, "server.exe")
}

// open starts the server. Its metadata names one scope only, so that a client that wants more has to step up.
func open(t *testing.T, binary string, opts authserver.Options) site {
	t.Helper()
	opts.Scopes = []string{readScope, writeScope}
	server := stand.Server{
		Path:          binary,
		Dir:           t.TempDir(), // empty, so that no .env is read
		Env:           run.Environment(os.Environ(), nil),
		Scopes:        []string{readScope},
		Authorization: opts,
	}
	s := site{}
	opened, err := server.Open(t.Context(), func(issuer contract.Issuer) { s.auth, _ = issuer.(*authserver.Server) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the server wrote:\n%s", opened.Process.Log())
		}
	})
	s.url = opened.URL
	return s
}

// grants returns the grant types of the token requests so far, in order, and reports refused requests.
func (s site) grants(t *testing.T) []string {
	t.Helper()
	var grants []string
	for _, request := range s.auth.Requests() {
		if request.Error != "" {
			t.Errorf("%s %s was refused: %s", request.Method, request.Path, request.Error)
		}
		if request.Grant != "" {
			grants = append(grants, request.Grant)
		}
	}
	return grants
}

// registrations counts the clients that have registered.
func (s site) registrations() int {
	n := 0
	for _, request := range s.auth.Requests() {
		if strings.HasSuffix(request.Path, "/clients:register") {
			n++
		}
	}
	return n
}
