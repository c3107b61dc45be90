package patches_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
)

// TestPatchedModes wants a program that serves MCP in one of several ways to need a token in each.
func TestPatchedModes(t *testing.T) {
	t.Parallel()
	for name, modes := range map[string]map[string][]string{
		"mcp-modes": {"sse": {"/sse", "/message"}, "start": {"/mcp", "/"}, "http": {"/mcp"}},
		"mcp-late":  {"sse": {"/sse", "/message"}, "both": {"/sse", "/message", "/mcp"}, "http": {"/mcp"}},
	} {
		c := readCase(t, filepath.FromSlash("../../testdata/patch/"+name+".txtar"))
		dir := c.module(t)
		retrofit(t, dir, 0)
		binary := filepath.Join(t.TempDir(), "server.exe")
		goRun(t, dir, "build", "-o", binary, ".")
		for mode, paths := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				server := stand.Server{Path: binary, Dir: t.TempDir(), Env: run.Environment(os.Environ(), []string{"MODE=" + mode}), MCPPath: "/mcp"}
				target, err := server.Target(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer target.Close()
				s := visitor{t: t, target: target, origin: strings.TrimSuffix(target.URL, "/mcp")}
				for _, path := range paths {
					s.wants("GET", path, "", "", http.StatusUnauthorized)
					s.wants("POST", path, "", "", http.StatusUnauthorized)
				}
				token := s.token(nil)
				if mode == "sse" {
					stream, messages := s.open(token)
					defer stream.Body.Close()
					s.wants("POST", messages, token, "", http.StatusAccepted)
				} else {
					s.wants("POST", "/mcp", token, "", http.StatusOK)
				}
			})
		}
	}
}
