package interop_test

import (
	"testing"

	"github.com/mcpauth/mcpauth/templates"
)

// TestInterop is one test, so that the clients are installed once.
func TestInterop(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for _, stack := range templates.Names() {
		t.Run(stack, func(t *testing.T) { testStack(t, k, stack) })
	}
	t.Run("Conformance", func(t *testing.T) { testConformance(t, k) })
	t.Run("Consent", func(t *testing.T) { testConsent(t, k) })
}

// A client is told the MCP URL of a server, and finds out the rest: where to log in, how to be known there, and what to ask for.
// It logs in, lists the tools and calls them.
type client struct {
	name string
	use  func(t *testing.T, s site)
}

// clients are those that a server of every stack has to please. The metadata document stands in for the registration.
func clients(k kit) []client {
	return []client{
		{"TypeScript sdk 1.x", scripted{k, "sdk1.mjs", "", "2025-11-25", false}.use},
		{"TypeScript sdk 1.x with a metadata document", scripted{k, "sdk1.mjs", "", "2025-11-25", true}.use},
		{"TypeScript client 2.x", scripted{k, "client2.mjs", "legacy", "2025-11-25", false}.use},
		{"TypeScript client 2.x, newest revision", scripted{k, "client2.mjs", "auto", "2026-07-28", false}.use},
		{"TypeScript client 2.x with a metadata document", scripted{k, "client2.mjs", "auto", "2026-07-28", true}.use},
		{"Python sdk", scripted{k, "client.py", "legacy", "2025-11-25", false}.use},
		{"Python sdk, newest revision", scripted{k, "client.py", "auto", "2026-07-28", false}.use},
		{"Python sdk with a metadata document", scripted{k, "client.py", "auto", "2026-07-28", true}.use},
		{"Inspector", inspector{k, "legacy", false}.use},
		{"Inspector, newest revision", inspector{k, "modern", false}.use},
		{"Inspector with a metadata document", inspector{k, "modern", true}.use},
		{"web page", k.useAsWebPage},
	}
}

// testStack starts a server of the stack, and lets the clients use it one after the other.
func testStack(t *testing.T, k kit, stack string) {
	t.Parallel()
	s := open(t, build(t, stack))
	for _, c := range clients(k) {
		t.Run(c.name, func(t *testing.T) { c.use(t, s.forNext()) })
	}
}
