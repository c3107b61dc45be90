package check_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/mcpauth/mcpauth/templates"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestGoldenProjects vets, tests and builds every golden project of every stack, walks the contract on its server and
// drives it with the SDK's own client. Outside CI it leaves out the stacks whose tools are not installed.
func TestGoldenProjects(t *testing.T) {
	for _, stack := range templates.Names() {
		dirs, err := filepath.Glob(filepath.Join(filepath.FromSlash("../../testdata/golden"), stack, "*", "want"))
		if err != nil || len(dirs) == 0 {
			t.Fatalf("no golden project of the stack %s: %v", stack, err)
		}
		for _, dir := range dirs {
			t.Run(stack+"/"+filepath.Base(filepath.Dir(dir)), func(t *testing.T) {
				t.Parallel()
				checkProject(t, dir)
			})
		}
	}
}

// built returns the workshop in which the golden project in dir was built, vetted and tested.
func built(t *testing.T, p project.Project) check.Workshop {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	w, err := check.Workshop{Stack: p.Stack, Dir: p.Dir, Scratch: t.TempDir()}.Keep(t.Context(), cache, silent)
	if err == nil {
		err = w.Build(t.Context(), slices.Concat(p.Stack.Build, p.Stack.Prove), silent)
	}
	if errors.Is(err, check.ErrNoTool) && os.Getenv("CI") == "" {
		t.Skipf("the stack %s cannot be run here, install %s: %v", p.Stack.Name, p.Stack.Needs, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func checkProject(t *testing.T, dir string) {
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := built(t, p)
	target, err := w.Target(t.Context(), p.Config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	driveWithSDK(t, target, p.Config)
	logInWithSDK(t, target)
	report := contract.Run(t.Context(), target, func(contract.Result) {})
	if len(report.Results) != 20 || report.Count(contract.Pass) != 20 {
		t.Error(report.Text())
	}
}

// bearer puts a token into every request.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.next.RoundTrip(r)
}

func connect(ctx context.Context, target contract.Target, token string) (*mcp.ClientSession, error) {
	transport := &http.Transport{TLSClientConfig: &tls.Config{}}
	if target.TLS != nil {
		transport.TLSClientConfig = target.TLS.Clone()
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "check", Version: "1"}, nil)
	return client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint:   target.URL,
		HTTPClient: &http.Client{Transport: bearer{token, transport}},
	}, nil)
}

func driveWithSDK(t *testing.T, target contract.Target, c config.Config) {
	t.Helper()
	if session, err := connect(t.Context(), target, ""); err == nil {
		session.Close()
		t.Error("the client connected without a token")
	}
	token, err := target.Issuer.Mint(map[string]any{"sub": "usr_ada", "scope": strings.Join(c.Scopes, " ")})
	if err != nil {
		t.Fatal(err)
	}
	session, err := connect(t.Context(), target, token)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if got := session.InitializeResult().ServerInfo.Name; got != c.Name {
		t.Errorf("the server is named %q, want %q", got, c.Name)
	}
	tools, err := session.ListTools(t.Context(), nil)
	if err != nil || len(tools.Tools) != 2 {
		t.Errorf("tools %v, want two: %v", tools, err)
	}
	for _, tc := range []struct {
		tool, want string
		arguments  map[string]any
	}{
		{"greet", "Hello, Ada!", map[string]any{"name": "Ada"}},
		{"whoami", "usr_ada", map[string]any{}},
	} {
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tc.tool, Arguments: tc.arguments})
		if err != nil || result.IsError {
			t.Errorf("%s: %+v, %v", tc.tool, result, err)
			continue
		}
		text, err := result.Content[0].MarshalJSON()
		if err != nil || !bytes.Contains(text, []byte(tc.want)) {
			t.Errorf("%s answered %s, want %s: %v", tc.tool, text, tc.want, err)
		}
	}
}
