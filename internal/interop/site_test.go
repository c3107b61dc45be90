package interop_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/project"
)

// The scopes of a server's tool whoami, both of which it needs. Its tool greet needs none.
const (
	readScope  = "notes:read"
	writeScope = "notes:write"
)

// A site is a running server, and the authorization server that it trusts.
type site struct {
	url      string
	auth     *authserver.Server
	document string // URL of the metadata document of a client that does not register
	seen     int    // requests to the authorization server that are no longer of interest
}

// golden returns the golden project of the stack that has these scopes.
func golden(t *testing.T, stack string) project.Project {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(filepath.FromSlash("../../testdata/golden"), stack, "*", "want"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		p, err := project.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(p.Config.Scopes, []string{readScope, writeScope}) {
			return p
		}
	}
	t.Fatalf("none of the %d golden projects of the stack %s has the scopes %s and %s", len(dirs), stack, readScope, writeScope)
	return project.Project{}
}

// build builds the server of a golden project. Its metadata will name one scope only, so that a client that wants more has to step up.
func build(t *testing.T, stack string) stand.Server {
	t.Helper()
	p := golden(t, stack)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	w, err := check.Workshop{Stack: p.Stack, Dir: p.Dir, Scratch: t.TempDir()}.Keep(t.Context(), cache, silent)
	if err == nil {
		err = w.Build(t.Context(), p.Stack.Build, silent)
	}
	if errors.Is(err, check.ErrNoTool) {
		unavailable(t, err.Error(), "install "+p.Stack.Needs)
	}
	if err != nil {
		t.Fatal(err)
	}
	server, err := w.Server(p.Config)
	if err != nil {
		t.Fatal(err)
	}
	server.Scopes = []string{readScope}
	server.Authorization.Scopes = []string{readScope, writeScope}
	return server
}

func silent(string) func() { return func() {} }

// open starts the server.
func open(t *testing.T, server stand.Server) site {
	t.Helper()
	s := site{}
	s.document, server.Authorization.DocumentClient = serveDocument(t)
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

// forNext returns the site as the next client finds it: without a trace of the others.
func (s site) forNext() site {
	s.seen = len(s.auth.Requests())
	return s
}

// grants returns the grant types of the client's token requests so far, in order, and reports refused requests.
func (s site) grants(t *testing.T) []string {
	t.Helper()
	var grants []string
	for _, request := range s.auth.Requests()[s.seen:] {
		if request.Error != "" {
			t.Errorf("%s %s was refused: %s", request.Method, request.Path, request.Error)
		}
		if request.Grant != "" {
			grants = append(grants, request.Grant)
		}
	}
	return grants
}

// registrations counts how often the client has registered.
func (s site) registrations() int {
	n := 0
	for _, request := range s.auth.Requests()[s.seen:] {
		if strings.HasSuffix(request.Path, "/clients:register") {
			n++
		}
	}
	return n
}
