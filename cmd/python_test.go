//go:build !windows

package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/iostreams"
)

// needPython skips a test where there is no Python, but not in CI.
func needPython(t *testing.T) {
	t.Helper()
	look := exec.Command("python3", "-c", "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))")
	if err := look.Run(); err != nil && os.Getenv("CI") == "" {
		t.Skipf("the Python stacks cannot be run here, install Python 3.11 or newer: %v", err)
	}
}

// TestPythonIsProvedBeforeItIsWritten wants init --verify to leave the project's files and nothing that Python makes.
func TestPythonIsProvedBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	needPython(t)
	target := filepath.Join(t.TempDir(), "short")
	streams, _, out, errs := iostreams.Test()
	args := []string{"init", target, "--stack", "fastmcp", "--dev", "--verify"}
	if code := cmd.Main(t.Context(), args, streams, func(string) string { return "" }); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, errs, out)
	}
	if !strings.Contains(errs.String(), "20 passed, 0 failed, 0 skipped") {
		t.Errorf("printed:\n%s", errs)
	}
	tree, err := golden.Tree(target)
	if err != nil || len(tree["main.py"]) == 0 {
		t.Fatalf("no main.py: %v", err)
	}
	for name := range tree {
		if strings.Contains(name, "cache") && name != "app/auth/cache.py" || strings.HasSuffix(name, ".pyc") {
			t.Errorf("%s was left behind", name)
		}
	}
}

// TestDevOfAPythonProject wants a change of a tool to be served by the next server, and no change that has no syntax.
func TestDevOfAPythonProject(t *testing.T) {
	t.Parallel()
	needPython(t)
	s := newDevSession(t)
	s.initLocal("--stack", "fastapi")
	s.start("my-server", "--watch")
	s.await("Ctrl-C stops both.")
	url, token := s.word("MCP URL"), s.word("Token")
	if got := callTool(url, token, "greet", `{"name":"Ada"}`); !strings.Contains(got, "Hello, Ada!") {
		t.Errorf("got %s", got)
	}
	if got := callTool(url, token, "whoami", `{}`); !strings.Contains(got, "profile:read") {
		t.Errorf("the token does not open the tool with a scope: %s", got)
	}
	tools := s.read("app/tools.py")
	s.write("app/tools.py", strings.Replace(tools, "Hello, ", "Howdy, ", 1))
	s.await("dev    | restarted in")
	if got := callTool(url, token, "greet", `{"name":"Ada"}`); !strings.Contains(got, "Howdy, Ada!") {
		t.Errorf("after the change, with the token from before: %s", got)
	}
	s.write("app/tools.py", tools+"\ndef (\n")
	s.await("SyntaxError")
	s.await("the server from before keeps running")
	s.signal(syscall.SIGINT)
	s.checkEnd(0)
	s.checkQuiet()
	if _, err := os.Stat(filepath.Join(s.root, "my-server", "app", "__pycache__")); err == nil {
		t.Error("Python left its caches in the project")
	}
}
