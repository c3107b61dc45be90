package patches_test

import (
	"os"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

func TestMain(m *testing.M) {
	runtest.QuickBuilds()
	os.Exit(m.Run())
}

// signing are the keys of all cases.
var signing = sync.OnceValue(authserver.NewPool)
