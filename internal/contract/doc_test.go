package contract_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
)

var update = flag.Bool("update", false, "write docs/contract.md anew")

// TestDocument compares docs/contract.md with the checks.
func TestDocument(t *testing.T) {
	t.Parallel()
	const path = "../../docs/contract.md"
	var b strings.Builder
	b.WriteString("# The contract of a protected server\n\n" +
		"What every server keeps that mcpauth writes, and what `mcpauth verify` checks on it while it runs.\n" +
		"`go test ./internal/contract -run TestDocument -update` writes this page from the checks.\n")
	for _, c := range contract.Checks() {
		fmt.Fprintf(&b, "\n## %s: %s\n\nWhy: %s.\nSource: %s.\n", c.ID, c.Title, c.Why, c.Ref)
	}
	b.WriteString("\n# The way of a client to its token\n\n" +
		"What `mcpauth verify URL` checks besides, since a server that keeps the contract is of no use without it:\n" +
		"the authorization server, and the token it is given.\n")
	for _, c := range contract.Discovery() {
		fmt.Fprintf(&b, "\n## %s: %s\n\nWhy: %s.\nSource: %s.\n", c.ID, c.Title, c.Why, c.Ref)
	}
	if *update {
		if os.Getenv("CI") != "" {
			t.Fatal("not updated in CI")
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != b.String() {
		t.Errorf("%s is not what the checks say: %v", path, err)
	}
}
