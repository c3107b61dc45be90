package patches_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestPatchedStdio wants stdio to be what it was, and HTTP to be refused at once without its settings.
func TestPatchedStdio(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"mcp-stdio-gosdk", "mcp-stdio-mcpgo"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := readCase(t, filepath.FromSlash("../../testdata/patch/"+name+".txtar"))
			dir := c.module(t)
			retrofit(t, dir, 0)
			binary := filepath.Join(t.TempDir(), "server.exe")
			goRun(t, dir, "build", "-o", binary, ".")
			checkStdio(t, binary, "")
			checkStdio(t, binary, "MCP_HTTP=false")
			for _, asked := range []string{"MCP_HTTP=1", "MCP_HTTP=perhaps"} {
				if said := refused(t, binary, asked); !strings.Contains(said, "MCP_HTTP") {
					t.Errorf("%s: it says %q", asked, said)
				}
			}
		})
	}
}

// checkStdio calls a tool over stdio.
func checkStdio(t *testing.T, binary, variable string) {
	t.Helper()
	command := exec.Command(binary)
	command.Env = run.Environment(os.Environ(), strings.Fields(variable))
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).
		Connect(t.Context(), &mcp.CommandTransport{Command: command}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "greet", Arguments: map[string]any{"name": "Ada"}})
	if err != nil || result.IsError {
		t.Fatalf("greet over stdio with %q: %v, %v", variable, result, err)
	}
}

// refused returns what a program says that ends at once and reports failure, although its input stays open.
func refused(t *testing.T, binary, variable string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), run.DefaultStartTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, binary)
	command.Env = run.Environment(os.Environ(), []string{variable})
	input, stop, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	defer stop.Close()
	command.Stdin = input
	out, err := command.CombinedOutput()
	if err == nil || ctx.Err() != nil {
		t.Errorf("%s: %v, %v", variable, err, ctx.Err())
	}
	return string(out)
}
