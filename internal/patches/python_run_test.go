package patches_test

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/templates"
)

//go:embed testdata/drive.py
var driver string

// pythonPath returns the interpreter of the environment that the projects of the stack share. Outside CI a test is left out
// where there is no Python.
func pythonPath(t *testing.T) string {
	t.Helper()
	stack, err := templates.Load("fastapi")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	projects, err := filepath.Glob(filepath.FromSlash("../../testdata/golden/fastapi/*/want"))
	if err != nil || len(projects) == 0 {
		t.Fatalf("no golden project: %v", err)
	}
	w, err := check.Workshop{Stack: stack, Dir: projects[0], Scratch: t.TempDir()}.Keep(t.Context(), cache, func(string) func() { return func() {} })
	if errors.Is(err, check.ErrNoTool) && os.Getenv("CI") == "" {
		t.Skipf("the Python programs cannot be run here, install %s: %v", stack.Needs, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.Command([]string{"{kept}/bin/python"})[0]
}

// A drivenCase is what the driver is told.
type drivenCase struct {
	OwnHealth bool              `json:"own_health"` // /health is the program's, also where it is not found
	Name      string            `json:"name"`
	Before    string            `json:"before"`
	After     string            `json:"after"`
	Serve     string            `json:"serve"`
	Path      string            `json:"path"`
	Requests  []string          `json:"requests"`
	Token     string            `json:"token"`
	Settings  map[string]string `json:"settings"`
}

// An answer is what a program says to one request.
type answer struct {
	Request string
	Status  int
	Headers []string
	Body    string
}

func (a answer) String() string { return fmt.Sprintf("%d %v %.200q", a.Status, a.Headers, a.Body) }

// A called is what the endpoint says to a call of a tool.
type called struct {
	Status          int
	Challenge, Body string
}

// A driven is what the driver has seen of one case.
type driven struct {
	OwnHealth bool `json:"own_health"`

	Name, Error          string
	Before, Closed, Open []answer
	Metadata             answer
	Root                 answer   `json:"root_metadata"`
	UnstartedCall        called   `json:"unstarted_call"`
	ClosedCall           called   `json:"closed_call"`
	ClosedLog            []string `json:"closed_log"`
	RefusedCall          called   `json:"refused_call"`
	ForgedCall           called   `json:"forged_call"`
	Call                 called
	SlashCall            called `json:"slash_call"`
	Log                  []string
}

// TestPythonPatchesRun asks each case before and after: its routes answer as they did, and MCP is closed without settings and
// guarded with them.
func TestPythonPatchesRun(t *testing.T) {
	t.Parallel()
	python := pythonPath(t)
	issuer := authserver.New(authserver.Options{ServerURL: "http://127.0.0.1:3002/mcp"})
	if err := issuer.Start(); err != nil {
		t.Fatal(err)
	}
	defer issuer.Close()
	token, err := issuer.Mint(nil)
	if err != nil {
		t.Fatal(err)
	}
	var cases []drivenCase
	for _, name := range pythonCases(t) {
		c := readCase(t, name)
		if c.refusal() != "" || c.keys["serve"] == "nothing" {
			continue
		}
		before, after := c.patchedPython(t)
		path := cmp.Or(c.keys["path"], "/mcp")
		cases = append(cases, drivenCase{
			OwnHealth: c.keys["health"] == "own",
			Name:      strings.TrimSuffix(filepath.Base(name), ".txtar"), Before: before, After: after,
			Serve: cmp.Or(c.keys["serve"], "main:app"), Path: path, Requests: c.asked(), Token: token,
			Settings: pythonSettings(issuer, "http://127.0.0.1:3002"+path),
		})
	}
	for _, found := range drive(t, python, cases) {
		t.Run(found.Name, func(t *testing.T) { checkDriven(t, found, token) })
	}
}

func pythonSettings(issuer *authserver.Server, url string) map[string]string {
	return map[string]string{
		"SK_ENV_URL": issuer.Environment(), "EXPECTED_AUDIENCE": issuer.ResourceID(),
		"PROTECTED_RESOURCE_METADATA": fmt.Sprintf(`{"resource":%q,"authorization_servers":[%q]}`, url, issuer.Issuer()),
	}
}

// drive runs the cases, one after the other in one interpreter.
func drive(t *testing.T, python string, cases []drivenCase) []driven {
	t.Helper()
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, "-B", "-c", driver)
	command.Dir, command.Stdin = t.TempDir(), bytes.NewReader(input)
	command.Env = run.Environment(os.Environ(), []string{"PYTHONDONTWRITEBYTECODE=1"})
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var list []driven
	for line := range bytes.Lines(out) {
		var d driven
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		list = append(list, d)
	}
	if len(list) != len(cases) {
		t.Fatalf("%d of %d cases were run\n%s", len(list), len(cases), said.String())
	}
	return list
}

func checkDriven(t *testing.T, d driven, token string) {
	t.Helper()
	if d.Error != "" {
		t.Fatal(d.Error)
	}
	for i, before := range d.Before {
		for what, after := range map[string]answer{"without settings": d.Closed[i], "with settings": d.Open[i]} {
			healthy := before.Request == "GET /health" && before.Status == 404 && what == "with settings" && !d.OwnHealth
			added := healthy || before.Request == "DELETE /" && before.Status == 404
			if !added && !reflect.DeepEqual(after, before) {
				t.Errorf("%s, %s:\n%v\nbefore:\n%v", before.Request, what, after, before)
			}
			if healthy && after.Status != 200 {
				t.Errorf("/health: %v", after)
			}
		}
	}
	if d.UnstartedCall.Status != 503 || d.ClosedCall.Status != 503 {
		t.Errorf("before it starts: %+v, and without settings: %+v", d.UnstartedCall, d.ClosedCall)
	}
	if log := d.ClosedLog; len(log) != 2 || !strings.Contains(log[0], "was not started") || !strings.Contains(log[1], "SK_ENV_URL") {
		t.Errorf("it is closed, and logs %q", log)
	}
	if d.RefusedCall.Status != 401 || !strings.Contains(d.RefusedCall.Challenge, `resource_metadata="http://127.0.0.1:3002/.well-known/`) {
		t.Errorf("without a token: %+v", d.RefusedCall)
	}
	if d.ForgedCall.Status != 401 || !strings.Contains(d.ForgedCall.Challenge, "invalid_token") {
		t.Errorf("with a forged token: %+v", d.ForgedCall)
	}
	for _, call := range []called{d.Call, d.SlashCall} {
		if call.Status != 200 || !strings.Contains(call.Body, "Hello, Ada!") {
			t.Errorf("with a token: %+v", call)
		}
	}
	for _, metadata := range []answer{d.Metadata, d.Root} {
		if metadata.Status != 200 || !strings.Contains(metadata.Body, `"resource":"http://127.0.0.1:3002`) {
			t.Errorf("the metadata: %v", metadata)
		}
	}
	if slices.ContainsFunc(d.Log, func(line string) bool { return strings.Contains(line, token) }) {
		t.Error("the log has the token")
	}
}

// TestPythonContract walks the whole contract on a patched program, as uvicorn serves it.
func TestPythonContract(t *testing.T) {
	t.Parallel()
	python := pythonPath(t)
	c := readCase(t, filepath.FromSlash("../../testdata/patch-python/package.txtar"))
	_, after := c.patchedPython(t)
	server := stand.Server{
		Path: python, Args: []string{"-m", "uvicorn", "--host", "127.0.0.1", "--port", stand.PortPlaceholder, "--no-access-log", c.keys["serve"]},
		Dir: after, Env: run.Environment(os.Environ(), []string{"PYTHONDONTWRITEBYTECODE=1"}),
		MCPPath: "/mcp", Scopes: []string{"profile:read"}, StartTimeout: time.Minute,
	}
	target, err := server.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	stack, err := templates.Load("fastapi")
	if err != nil {
		t.Fatal(err)
	}
	check.NameTools(&target, stack, server.Scopes)
	target.Embedded = true // what is the program's own is not looked at
	report := contract.Run(t.Context(), target, func(contract.Result) {})
	if !report.Kept() || report.Count(contract.Pass) < 18 {
		t.Error(report.Text())
	}
}
