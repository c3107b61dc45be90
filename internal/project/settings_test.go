package project_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/project"
)

// devProject is the golden project of that name with another .env; an empty one means none.
func devProject(t *testing.T, env string) project.Project {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.FromSlash("../../testdata/golden/go/dev/want/" + project.File))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, project.File), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if env != "" {
		if err := os.WriteFile(filepath.Join(dir, project.SettingsFile), []byte(env), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const moved = `# moved
PORT=4002
SK_CLIENT_SECRET=hush-1234
EXPECTED_AUDIENCE="http://localhost:4002/"
PROTECTED_RESOURCE_METADATA='{"authorization_servers":["http://localhost:3003/resources/res_1"],"resource":"http://localhost:4002/"}'
DATABASE_URL=postgres://localhost/x?a=b
`

func TestSettingsFileWins(t *testing.T) {
	t.Parallel()
	running, env, err := devProject(t, moved).Running()
	if err != nil {
		t.Fatal(err)
	}
	if c := running.Config; c.Port != 4002 || c.Audience != "http://localhost:4002/" || c.EnvURL != "http://localhost:3003" {
		t.Errorf("runs as %+v", c)
	}
	if secret := running.Answers.Value(config.KeySecret); secret != "" {
		t.Errorf("the secret %q is among the answers", secret)
	}
	if env["DATABASE_URL"] != "postgres://localhost/x?a=b" || env["SK_CLIENT_SECRET"] != "hush-1234" {
		t.Errorf("read %q", env)
	}
}

func TestAnswersHoldWithoutSettingsFile(t *testing.T) {
	t.Parallel()
	running, env, err := devProject(t, "").Running()
	if err != nil || running.Config.Port != 3002 || len(env) > 0 {
		t.Errorf("runs as %+v, read %q: %v", running.Config, env, err)
	}
}

// TestWrongSettingsAreReported wants the variable to be named, and no secret to be shown.
func TestWrongSettingsAreReported(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ env, want string }{
		{"PORT=eighty\nSK_CLIENT_SECRET=hush-1234\n", `port (.env) "eighty"`},
		{"PORT=4002\n", "port (.env)"},
		{"SK_CLIENT_SECRET=ok\nhush-1234\n", "line 2 is not NAME=value"},
	} {
		_, _, err := devProject(t, tc.env).Running()
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: got %v", tc.env, err)
		}
	}
}
