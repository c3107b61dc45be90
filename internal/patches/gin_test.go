package patches_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// TestPatchedGinWarnsOnce wants the engine in front to add nothing to what gin prints of the program's own.
func TestPatchedGinWarnsOnce(t *testing.T) {
	t.Parallel()
	c := readCase(t, filepath.FromSlash("../../testdata/patch/gin-variable.txtar"))
	dir := c.module(t)
	retrofit(t, dir, 0)
	binary := filepath.Join(t.TempDir(), "server.exe")
	goRun(t, dir, "build", "-o", binary, ".")
	port := strconv.Itoa(runtest.Port(t))
	command := run.Command{Path: binary, Dir: t.TempDir(), Env: run.Environment(os.Environ(), []string{"HOST=127.0.0.1", "PORT=" + port})}
	process, err := run.StartHealthy(t.Context(), t.Context(), command, http.DefaultClient, "http://127.0.0.1:"+port+strings.Fields(c.keys["route"])[1], 0)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Stop()
	said := string(process.Log())
	for _, warning := range []string{`Running in "debug" mode`, "You trusted all proxies", "Listening and serving HTTP"} {
		if strings.Count(said, warning) != 1 {
			t.Errorf("%q is not said once in\n%s", warning, said)
		}
	}
}
