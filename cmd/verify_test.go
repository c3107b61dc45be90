package cmd_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCAFile checks a server whose certificate the system does not trust.
func TestCAFile(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 1, "hint: --ca-file FILE trusts a private certificate authority"},
		{[]string{"--ca-file", file}, 4, "the server does not keep the contract"},
	} {
		c := exec.Command("mcpauth", append([]string{"verify", server.URL + "/mcp"}, tc.args...)...)
		c.Env = append(os.Environ(), "SSL_CERT_FILE="+os.DevNull, "SSL_CERT_DIR="+t.TempDir())
		out, err := c.CombinedOutput()
		if code := c.ProcessState.ExitCode(); code != tc.code || !strings.Contains(string(out), tc.says) {
			t.Errorf("%q: exit code %d, want %d with %q: %v\n%s", tc.args, code, tc.code, tc.says, err, out)
		}
	}
}
