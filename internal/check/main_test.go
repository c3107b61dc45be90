package check_test

import (
	"os"
	"testing"

	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

func TestMain(m *testing.M) {
	runtest.QuickBuilds()
	os.Exit(m.Run())
}
