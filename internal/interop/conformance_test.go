package interop_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// testConformance runs all scenarios that the official conformance tool has for authorization servers. (One alone cannot be
// run: authorization-code-grant wants what authorization-server-metadata-endpoint has found out.)
func testConformance(t *testing.T, k kit) {
	t.Parallel()
	client := authserver.Client{ID: "m2m_70000000000000009", Name: "Conformance", RedirectURIs: []string{"http://127.0.0.1/callback"}}
	server := authserver.New(authserver.Options{
		ServerURL:   "http://127.0.0.1:3002/mcp",
		Scopes:      []string{readScope, writeScope},
		Clients:     []authserver.Client{client},
		AutoConsent: true,
	})
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	results := t.TempDir()
	_, login := k.runAttended(t, run.Environment(os.Environ(), nil), "conformance", "authorization",
		"--url", server.Issuer(), "--client-id", client.ID, "--resource", server.ServerURL(),
		"--port", strconv.Itoa(runtest.Port(t)), "--output-dir", results)
	if login == "" {
		t.Error("nobody was asked to log in")
	}
	checkResults(t, results)
}

// checkResults wants every check to have been made, and to have succeeded: the tool also ends well when it skips some.
func checkResults(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "checks.json"))
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var checks []struct{ ID, Status string }
		if err := json.Unmarshal(data, &checks); err != nil {
			t.Fatal(err)
		}
		for _, check := range checks {
			statuses[check.ID] = check.Status
		}
	}
	for _, id := range []string{"authorization-server-metadata", "authorization-server-metadata-cimd", "authorization-code-grant"} {
		if statuses[id] == "" {
			statuses[id] = "(missing)"
		}
	}
	for id, status := range statuses {
		if status != "SUCCESS" {
			t.Errorf("%s: %s", id, status)
		}
	}
}
