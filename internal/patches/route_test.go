package patches_test

import (
	"cmp"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
	"github.com/mcpauth/mcpauth/internal/trial"
)

// checkRoute wants the answer that the program gave before.
func (c patchCase) checkRoute(t *testing.T, origin string) {
	t.Helper()
	if c.keys["tools"] != "" && c.keys["route"] == "" {
		return // MCP is all that there is
	}
	words := strings.SplitN(c.keys["route"], " ", 3)
	if len(words) < 3 {
		t.Fatal("the case names no route")
	}
	request, err := http.NewRequestWithContext(t.Context(), words[0], origin+words[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || string(body) != words[2] {
		t.Errorf("%s %s: %s %q, %v", words[0], words[1], response.Status, body, err)
	}
}

// checkClosed wants a program that starts without the settings of its endpoint, which is closed and says so once.
func (c patchCase) checkClosed(t *testing.T, binary string) {
	t.Helper()
	if strings.Contains(c.keys["env"], "MCP_HTTP") {
		return // TestPatchedStdio wants such a program to end
	}
	dir := t.TempDir()
	p := trial.Program{
		Before: binary, After: binary, Stage: filepath.Join(dir, "server.exe"), Dir: dir,
		Env: strings.Fields(c.keys["env"]), MCPPath: cmp.Or(c.keys["path"], "/mcp"),
	}
	if _, err := p.Locate(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPatchedWithoutSettings wants the old routes, and an endpoint that is closed and says why in the log, once.
func TestPatchedWithoutSettings(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/chain-middleware.txtar"))
	dir := c.module(t)
	retrofit(t, dir, 0)
	binary := filepath.Join(t.TempDir(), "server.exe")
	goRun(t, dir, "build", "-o", binary, ".")
	port := strconv.Itoa(runtest.Port(t))
	address := "127.0.0.1:" + port
	command := run.Command{Path: binary, Dir: t.TempDir(), Env: run.Environment(os.Environ(), []string{"HOST=127.0.0.1", "PORT=" + port})}
	process, err := run.StartHealthy(t.Context(), t.Context(), command, http.DefaultClient, "http://"+address+strings.Fields(c.keys["route"])[1], 0)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Stop()
	c.checkRoute(t, "http://"+address)
	for _, path := range []string{"/mcp", "/mcp/", "/.well-known/oauth-protected-resource"} {
		response, err := http.Post("http://"+address+path, "application/json", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
	if log := string(process.Log()); strings.Count(log, "answers 503") != 1 || !strings.Contains(log, "SK_ENV_URL") {
		t.Errorf("logged %q", log)
	}
}
