package dev_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/project"
)

func golden(name string) string {
	return filepath.FromSlash("../../testdata/golden/go/" + name + "/want")
}

// wire wires a golden project as it would run now.
func wire(t *testing.T, dir string, ports dev.Ports) dev.Wiring {
	t.Helper()
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	running, env, err := p.Running()
	if err != nil {
		t.Fatal(err)
	}
	w, err := dev.Wire(running.Config, env, dir, ports)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func variables(w dev.Wiring) map[string]string {
	found := map[string]string{}
	for _, variable := range w.Variables {
		name, value, _ := strings.Cut(variable, "=")
		found[name] = value
	}
	return found
}

// TestDevProjectRunsAsItsEnvSays wants nothing to be overruled: HOST, which .env does not name, is its default.
func TestDevProjectRunsAsItsEnvSays(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dev", "quoted-name", "scopes", "unicode-name"} {
		w := wire(t, golden(name), dev.Ports{})
		if len(w.Replaced) > 0 || !slices.Equal(w.Variables, []string{"HOST=127.0.0.1"}) {
			t.Errorf("%s: the server is told %q, in place of its own %q", name, w.Variables, w.Replaced)
		}
	}
	w := wire(t, golden("dev"), dev.Ports{})
	if w.Environment != "http://localhost:3003" || w.Issuer() != "http://localhost:3003/resources/res_1" || w.ServerURL != "http://localhost:3002/" {
		t.Errorf("wired as %+v", w)
	}
	if w := wire(t, golden("scopes"), dev.Ports{}); !slices.Equal(w.Scopes, []string{"notes:read", "notes:write"}) {
		t.Errorf("scopes are %q", w.Scopes)
	}
}

func TestWireMovesToThisMachine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		project                       string
		ports                         dev.Ports
		environment, server, audience string
		id                            string
		replaced                      []string
	}{
		{"defaults", dev.Ports{}, "http://localhost:3003", "http://localhost:3002/", "", "res_90827305579970819",
			[]string{"SK_ENV_URL", "PROTECTED_RESOURCE_METADATA"}},
		{"path-mcp", dev.Ports{}, "http://localhost:8081", "http://localhost:8080/mcp", "http://localhost:8080/mcp", "res_1",
			[]string{"SK_ENV_URL", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA"}},
		{"res-audience", dev.Ports{}, "http://localhost:3003", "http://localhost:3002/team/mcp", "", "res_42",
			[]string{"SK_ENV_URL", "PROTECTED_RESOURCE_METADATA"}},
		{"dev", dev.Ports{Auth: 4003}, "http://localhost:4003", "http://localhost:3002/", "", "res_1",
			[]string{"SK_ENV_URL", "PROTECTED_RESOURCE_METADATA"}},
		{"dev", dev.Ports{Auth: 3003}, "http://localhost:3003", "http://localhost:3002/", "", "res_1", nil},
		{"dev", dev.Ports{Server: 4002}, "http://localhost:3003", "http://localhost:4002/", "http://localhost:4002/", "res_1",
			[]string{"PORT", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA"}},
		{"path-mcp", dev.Ports{Server: 65535}, "http://localhost:65534", "http://localhost:65535/mcp", "http://localhost:65535/mcp", "res_1",
			[]string{"PORT", "SK_ENV_URL", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA"}},
	} {
		w := wire(t, golden(tc.project), tc.ports)
		if w.Environment != tc.environment || w.ServerURL != tc.server || w.ResourceID != tc.id {
			t.Errorf("%s, %+v: %s trusts %s, resource %s", tc.project, tc.ports, w.ServerURL, w.Environment, w.ResourceID)
		}
		if !slices.Equal(w.Replaced, tc.replaced) || variables(w)["EXPECTED_AUDIENCE"] != tc.audience {
			t.Errorf("%s, %+v: replaced %q, told %q", tc.project, tc.ports, w.Replaced, w.Variables)
		}
	}
}

func TestWireRefusesOnePortForBoth(t *testing.T) {
	t.Parallel()
	p, err := project.Load(golden("dev"))
	if err != nil {
		t.Fatal(err)
	}
	for _, ports := range []dev.Ports{{Server: 3003}, {Auth: 3002}, {Server: 4000, Auth: 4000}} {
		if w, err := dev.Wire(p.Config, nil, p.Dir, ports); !errors.Is(err, dev.ErrSamePort) {
			t.Errorf("%+v: wired as %+v, %v", ports, w, err)
		}
	}
}

// TestWireKeepsTheRestOfTheMetadata wants two fields to change and no other.
func TestWireKeepsTheRestOfTheMetadata(t *testing.T) {
	t.Parallel()
	w := wire(t, golden("res-audience"), dev.Ports{})
	var got map[string]any
	if err := json.Unmarshal([]byte(variables(w)["PROTECTED_RESOURCE_METADATA"]), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"authorization_servers": []any{"http://localhost:3003/resources/res_42"},
		"resource":              "http://localhost:3002/team/mcp",
		"scopes_supported":      []any{"profile:read"},
		"x-note":                "it's <=",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestSpacesInTheMetadataDoNotMatter has a .env with the metadata as the dashboard shows it.
func TestSpacesInTheMetadataDoNotMatter(t *testing.T) {
	t.Parallel()
	p, err := project.Load(golden("dev"))
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{contract.VarMetadata: strings.ReplaceAll(string(p.Config.Metadata), ",", ", ")}
	w, err := dev.Wire(p.Config, env, p.Dir, dev.Ports{})
	if _, told := variables(w)[contract.VarMetadata]; err != nil || told || len(w.Replaced) > 0 {
		t.Errorf("told %q, replaced %q: %v", w.Variables, w.Replaced, err)
	}
}

// TestWireWithoutEnv is a project that was cloned: its .env is not in git.
func TestWireWithoutEnv(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join(golden("dev"), project.File))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, project.File), data, 0o600); err != nil {
		t.Fatal(err)
	}
	w := wire(t, dir, dev.Ports{})
	if got := variables(w); len(w.Replaced) > 0 || got["PORT"] != "3002" || got["SK_ENV_URL"] != "http://localhost:3003" || got["PROTECTED_RESOURCE_METADATA"] == "" {
		t.Errorf("told %q, replaced %q", w.Variables, w.Replaced)
	}
}

func TestWireLooksForTheCertificate(t *testing.T) {
	t.Parallel()
	if w := wire(t, golden("tls"), dev.Ports{}); !w.NoCertificate || w.ServerURL != "https://localhost:8443/" {
		t.Errorf("wired as %+v", w)
	}
	p, err := project.Load(golden("tls"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "certs"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"server.pem", "server.key"} {
		if err := os.WriteFile(filepath.Join(dir, "certs", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, err := dev.Wire(p.Config, nil, dir, dev.Ports{})
	if err != nil || w.NoCertificate {
		t.Errorf("the files are there: %v", err)
	}
}

// TestSDKGetsCredentials wants a server that uses the Scalekit SDK to get the one machine client's, whatever its .env has.
func TestSDKGetsCredentials(t *testing.T) {
	t.Parallel()
	p, err := project.Load(filepath.FromSlash("../../testdata/golden/fastapi/sdk/want"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := dev.Wire(p.Config, map[string]string{contract.VarClientSecret: "hush-1234"}, p.Dir, dev.Ports{})
	got := variables(w)
	if err != nil || got[contract.VarClientID] != authserver.DefaultClientID || got[contract.VarClientSecret] != dev.ClientSecret {
		t.Errorf("told %q: %v", w.Variables, err)
	}
}

// TestSecretStaysInEnv wants no secret among what the server is told: it reads .env itself.
func TestSecretStaysInEnv(t *testing.T) {
	t.Parallel()
	p, err := project.Load(golden("defaults"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := dev.Wire(p.Config, map[string]string{contract.VarClientSecret: "hush-1234"}, golden("defaults"), dev.Ports{})
	if err != nil || strings.Contains(strings.Join(w.Variables, " "), "hush") {
		t.Errorf("told %q: %v", w.Variables, err)
	}
}
