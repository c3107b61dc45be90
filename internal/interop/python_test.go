package interop_test

import (
	"context"
	"os"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/templates"
)

// installPython makes the environment of the lock file, unless an earlier run has, and returns its interpreter. Like those of
// rendered projects it is kept in the user's cache directory.
func installPython(ctx context.Context, scratch string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	const python = "{kept}/bin/python"
	kept := templates.Kept{Key: []string{"requirements.lock"}, Has: python, Steps: []templates.Step{
		{Name: "looking for Python", Looks: true, Run: []string{"python3", "-c", "import sys, ensurepip; assert sys.version_info >= (3, 11)"}},
		{Name: "making an environment", Run: []string{"python3", "-m", "venv", "{kept}"}},
		{Name: "installing the Python SDK", Fetches: true, Run: []string{
			python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", "requirements.lock",
		}},
	}}
	w, err := check.Workshop{Stack: templates.Stack{Name: "interop", Kept: kept}, Dir: sources, Scratch: scratch}.Keep(ctx, cache, silent)
	if err != nil {
		return "", err
	}
	return w.Command([]string{python})[0], nil
}
