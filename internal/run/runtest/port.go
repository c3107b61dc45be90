// Package runtest is for tests that start programs: it hands them ports, and lets their builds be quick.
package runtest

import (
	"testing"

	"github.com/mcpauth/mcpauth/internal/run"
)

// Port returns a port of 127.0.0.1 that nobody else is handed until the test ends.
func Port(t testing.TB) int {
	t.Helper()
	port, err := run.ReservePort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := port.Release(); err != nil {
			t.Error(err)
		}
	})
	return port.Number
}
