package check_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/check"
)

// TestVendoredWantsAWholeGoMod leaves out a requirement: that is the module's own trouble, not one of the network.
func TestVendoredWantsAWholeGoMod(t *testing.T) {
	t.Parallel()
	dir, shared := t.TempDir(), filepath.Join("..", "..", "testdata", "patch", "modules", "mcpgo32")
	goMod, err := os.ReadFile(filepath.Join(shared, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	goSum, err := os.ReadFile(filepath.Join(shared, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod": strings.Replace(string(goMod), "\tgithub.com/spf13/cast v1.7.1 // indirect\n", "", 1), "go.sum": string(goSum),
		"main.go": "package main\n\nimport \"github.com/mark3labs/mcp-go/server\"\n\nfunc main() { _ = server.ServeStdio }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	module := check.GoModule{Dir: dir, Scratch: t.TempDir(), Say: func(string) func() { return func() {} }, Ran: func(string, int) {}}
	_, err = module.Vendored(t.Context())
	if vendor, ok := errors.AsType[check.VendorError](err); !ok || vendor.Path != "go.mod" {
		t.Errorf("got %v", err)
	}
}
