package patches_test

import (
	"bytes"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// TestExpressPatches patches each program twice, takes the patch back, and runs it before and after, without settings and with
// them.
func TestExpressPatches(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.FromSlash("../../testdata/patch-express/*.txtar"))
	if err != nil || len(names) < 30 {
		t.Errorf("%d cases, want thirty at least: %v", len(names), err)
	}
	modules := map[string]string{"4": packages(t, "4"), "5": packages(t, "5")}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			c := readExpressCase(t, name)
			if c.keys["contract"] != "all" { // which measures how quick answers are
				t.Parallel()
			}
			if _, err := exec.LookPath(c.key("reader", "go")); err != nil && os.Getenv("CI") == "" {
				t.Skip(err)
			}
			dir := c.program(t)
			before := tree(t, dir)
			if _, refused := c.file("refused"); refused {
				c.checkRefused(t, name, dir)
			} else {
				c.checkPatched(t, name, dir, modules[c.key("express", "5")])
				c.retrofitEntry(t, dir, 0, "--undo")
			}
			if err := golden.Compare(tree(t, dir), before); err != nil {
				t.Errorf("not as it was before: %v", err)
			}
		})
	}
}

func (c expressCase) checkRefused(t *testing.T, name, dir string) {
	t.Helper()
	_, said := c.retrofitEntry(t, dir, 3, strings.Fields(c.keys["args"])...)
	if *update {
		c.rewrite(t, name, map[string][]byte{"refused": []byte(said)})
	} else if said != c.refusal() {
		t.Errorf("said\n%swant\n%s", said, c.refusal())
	}
}

func (c expressCase) checkPatched(t *testing.T, name, dir, modules string) {
	t.Helper()
	before, args := tree(t, dir), strings.Fields(c.keys["args"])
	diff, _ := c.retrofitEntry(t, dir, 0, append(args, "--dry-run")...)
	if err := golden.Compare(tree(t, dir), before); err != nil {
		t.Fatalf("--dry-run: %v", err)
	}
	_, said := c.retrofitEntry(t, dir, 0, args...)
	after := tree(t, dir)
	c.checkEntry(t, name, before, after, alone.ReplaceAllString(notesIn(said), ""))
	path := regexp.MustCompile(`MCP is at (\S+) of`).FindStringSubmatch(said)[1]
	if want := c.key("path", path); path != want {
		t.Errorf("MCP is at %s, want %s", path, want)
	}
	c.keys["path"] = path
	if _, said := c.retrofitEntry(t, dir, 0, args...); !strings.Contains(said, "Nothing to do") {
		t.Errorf("the second run says %q", said)
	}
	if err := golden.Compare(tree(t, dir), after); err != nil {
		t.Errorf("the second run: %v", err)
	}
	c.checkDiff(t, before, after, diff)
	if modules == "" {
		return
	}
	old := t.TempDir()
	write(t, old, before)
	c.checkRuns(t, c.ready(t, old, modules), c.ready(t, dir, modules))
}

// alone is the note of a machine whose Node.js reads no TypeScript, or that has none.
var alone = regexp.MustCompile(`(?m)^Note: .* the result was read by mcpauth alone\.\n`)

// checkEntry compares what the patch changed of the program with after/, package.json only where that is there.
func (c expressCase) checkEntry(t *testing.T, name string, before, after map[string][]byte, notes string) {
	t.Helper()
	want, got := c.entryFiles("after"), make(map[string][]byte)
	for file, data := range after {
		ours := strings.HasPrefix(file, "mcpauth/") || strings.Contains(file, "/mcpauth/") || file == "package.json" && want[file] == nil
		if !ours && !bytes.Equal(before[file], data) {
			got[file] = data
		}
	}
	wantNotes, listed := c.file("notes")
	if *update {
		updated := make(map[string][]byte)
		for file, data := range got {
			updated["after/"+file] = bytes.TrimPrefix(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\ufeff"))
		}
		if listed {
			updated["notes"] = []byte(notes)
		}
		c.rewrite(t, name, updated)
		return
	}
	if err := golden.Compare(got, want); err != nil {
		t.Error(err)
	}
	if listed && notes != wantNotes {
		t.Errorf("noted\n%swant\n%s", notes, wantNotes)
	}
}

func (c expressCase) compile(t *testing.T, dir string) {
	t.Helper()
	tsc := exec.Command("node", filepath.Join("node_modules", "typescript", "bin", "tsc"), "-p", ".")
	tsc.Dir = dir
	if out, err := tsc.CombinedOutput(); err != nil {
		t.Fatalf("tsc: %v\n%s", err, out)
	}
}

// checkRuns starts the program as it was, as it is without settings, and as it is with them.
func (c expressCase) checkRuns(t *testing.T, before, after string) {
	t.Helper()
	answers := c.answers(t, c.start(t, before))
	bare := c.start(t, after)
	c.compare(t, "without settings", answers, c.answers(t, bare))
	c.checkExpressClosed(t, bare)
	c.checkServes(t, after, answers)
}

// started is a program that runs.
type started struct {
	*run.Process
	address string
}

// command is how Node.js starts the program.
func (c expressCase) command() []string {
	return []string{c.key("start", c.key("entry", "server.js"))}
}

func (c expressCase) start(t *testing.T, dir string) started {
	t.Helper()
	port := strconv.Itoa(runtest.Port(t))
	variables := append(strings.Fields(c.keys["env"]), "HOST=127.0.0.1", "PORT="+port)
	command := run.Command{Path: "node", Args: c.command(), Dir: dir, Env: run.Environment(os.Environ(), variables)}
	address := "127.0.0.1:" + port
	process, err := run.StartHealthy(t.Context(), t.Context(), command, http.DefaultClient, "http://"+address+"/hello", 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { process.Stop() })
	return started{process, address}
}

// answers are the bytes that the program answers to the requests of the case, one of which is always the same.
func (c expressCase) answers(t *testing.T, p started) []string {
	t.Helper()
	return c.answersAt(t, p.address)
}

func (c expressCase) answersAt(t *testing.T, address string) []string {
	t.Helper()
	var answers []string
	for _, request := range append([]string{"GET /hello", "GET /no-such-page"}, c.asked()...) {
		answers = append(answers, request+"\n"+exchange(t, address, request))
	}
	return answers
}

// exchange sends a request, its body behind >, and returns what is answered, but for the time.
func exchange(t *testing.T, address, text string) string {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n> ")
	lines := strings.Split(head, "\n")
	method, path, _ := strings.Cut(lines[0], " ")
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	response.Header.Del("Date")
	answer, err := httputil.DumpResponse(response, true)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(answer), address, "ADDRESS")
}

func (c expressCase) compare(t *testing.T, when string, before, after []string) {
	t.Helper()
	for i := range before {
		if before[i] != after[i] {
			t.Errorf("%s:\nbefore: %s\nafter: %s", when, before[i], after[i])
		}
	}
}

// checkExpressClosed wants MCP to answer 503 without settings, and one line in the log that says why.
func (c expressCase) checkExpressClosed(t *testing.T, p started) {
	t.Helper()
	for _, path := range []string{c.keys["path"], "/.well-known/oauth-protected-resource"} {
		response, err := http.Post("http://"+p.address+path, "application/json", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s without settings: %s", path, response.Status)
		}
	}
	if n := bytes.Count(p.Log(), []byte("answers 503")); n != 1 || !bytes.Contains(p.Log(), []byte("SK_ENV_URL: not set")) {
		t.Errorf("it says %d times that MCP answers 503:\n%s", n, p.Log())
	}
}

// checkServes drives the patched program through the contract.
func (c expressCase) checkServes(t *testing.T, dir string, answers []string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	server := stand.Server{
		Path: node, Args: c.command(), Dir: dir, Env: run.Environment(os.Environ(), strings.Fields(c.keys["env"])),
		MCPPath: c.keys["path"], Scopes: []string{"profile:read"}, Ready: "/hello",
	}
	target, err := server.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	origin := strings.TrimSuffix(target.URL, server.MCPPath)
	c.compare(t, "with settings", answers, c.answersAt(t, strings.TrimPrefix(origin, "http://")))
	target.OwnHealth = c.keys["health"] == "own"
	target.PublicTool = &contract.Tool{Name: "greet", Arguments: map[string]any{"name": "Ada"}}
	target.ScopedTool = &contract.Tool{Name: "whoami", Scopes: server.Scopes}
	checks := slices.DeleteFunc(contract.Checks(), func(check contract.Check) bool { return !c.checks(check.ID) })
	if report := contract.RunChecks(t.Context(), target, checks, nil); !report.Kept() {
		t.Errorf("%s%s", report.Summary(), failures(report))
	}
}

// checks says whether the check is one of the case.
func (c expressCase) checks(check string) bool {
	if slices.Contains(strings.Fields(c.keys["except"]), check) {
		return false
	}
	return c.keys["contract"] == "all" || slices.Contains(append(brief(), "C2", "C7", "C11"), check)
}
