//go:build !windows

package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

// TestTableOnATerminal looks at what verify prints on a terminal for a server that keeps little.
func TestTableOnATerminal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	for _, tc := range []struct {
		name, env string
		args      []string
		row       string
		table     bool
	}{
		{"colour", "TERM=xterm", nil, "C8   \x1b[33mskip\x1b[0m    0 ms  rotated keys", true},
		{"NO_COLOR", "NO_COLOR=1", nil, "C8   skip    0 ms  rotated keys", true},
		{"--no-color", "TERM=xterm", []string{"--no-color"}, "C8   skip    0 ms  rotated keys", true},
		{"dumb", "TERM=dumb", nil, "C8  skip  rotated keys", false},
		{"accessible", "ACCESSIBLE=1", nil, "C8  skip  rotated keys", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := exec.Command("mcpauth", append([]string{"verify", server.URL + "/mcp"}, tc.args...)...)
			c.Env = []string{"PATH=" + os.Getenv("PATH"), "TERM=xterm", tc.env}
			terminal := prompttest.Start(t, c, false)
			if code := terminal.Wait(c, patience); code != 4 {
				t.Errorf("exit code %d, want 4", code)
			}
			seen := terminal.Transcript()
			if !strings.Contains(seen, tc.row) {
				t.Errorf("%q is not in\n%s", tc.row, seen)
			}
			// In the table the details come after the last row.
			if after := strings.Index(seen, "expected ") > strings.Index(seen, "D7 "); after != tc.table {
				t.Errorf("the first details are after the last row: %v\n%s", after, seen)
			}
			if strings.Contains(seen, "\x1b") != (tc.name == "colour") {
				t.Errorf("escape sequences:\n%q", seen)
			}
		})
	}
}
