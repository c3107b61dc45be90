package trial_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/replay"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
	"github.com/mcpauth/mcpauth/internal/trial"
)

// childVariable makes this test binary play the program, in the build that its name says.
const childVariable = "TRIAL_TEST_CHILD"

func TestMain(m *testing.M) {
	behaviour := os.Getenv(childVariable)
	if behaviour == "" {
		os.Exit(m.Run())
	}
	patched := isPatched()
	fmt.Println("connecting with", os.Getenv("PASSWORD"))
	if behaviour == "needs" || patched && behaviour == "crash" {
		fmt.Println("\x1b[31mno database\x1b[0m")
		os.Exit(3)
	}
	if behaviour == "two" {
		go http.ListenAndServe(os.Getenv("OTHER"), http.NotFoundHandler())
	}
	fmt.Println(http.ListenAndServe(os.Getenv("LISTEN"), application(behaviour, patched)))
	os.Exit(1)
}

// isPatched says which build this is: the binaries are one, under two names that are links to it.
func isPatched() bool {
	here, err := os.Stat(os.Args[0])
	if err != nil {
		panic(err)
	}
	after, err := os.Stat(filepath.Join(filepath.Dir(os.Args[0]), "after.exe"))
	if err != nil {
		panic(err)
	}
	return os.SameFile(here, after)
}

// application is the program's handler. Where it is patched it plays the endpoint, too.
func application(behaviour string, patched bool) http.Handler {
	configured := os.Getenv("SK_ENV_URL") != ""
	if patched && !configured && behaviour != "silent" {
		fmt.Println(`{"msg":"the MCP endpoint answers 503: its configuration has problems"}`)
	}
	started := time.Now()
	mux := http.NewServeMux()
	mux.HandleFunc("/same", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "same") })
	mux.HandleFunc("/start", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, started.UnixNano()) })
	mux.HandleFunc("/second", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, time.Now().Unix()) })
	mux.HandleFunc("/host", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) })
	mux.HandleFunc("/path", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Args[0]) })
	mux.HandleFunc("/patched", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, patched) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch ours := r.URL.Path == trial.WellKnown || r.URL.Path == "/mcp"; {
		case !patched || !ours || behaviour == "open" && r.URL.Path == "/mcp":
			mux.ServeHTTP(w, r)
		case !configured:
			http.Error(w, "the MCP endpoint is not configured", http.StatusServiceUnavailable)
		case r.URL.Path == "/mcp":
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}

// program has two builds of the program that behave so.
func program(t *testing.T, behaviour string, env ...string) trial.Program {
	t.Helper()
	dir := t.TempDir()
	return trial.Program{
		Before: build(t, filepath.Join(dir, "before.exe")), After: build(t, filepath.Join(dir, "after.exe")), Stage: filepath.Join(dir, "stage.exe"), Dir: dir,
		Env:     append([]string{childVariable + "=" + behaviour, "LISTEN=127.0.0.1:{port}", "PASSWORD=hunter2"}, env...),
		MCPPath: "/mcp", Hidden: []string{"hunter2", "e"},
	}
}

func build(t *testing.T, name string) string {
	t.Helper()
	from, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func locate(t *testing.T, p trial.Program) trial.Place {
	t.Helper()
	place, err := p.Locate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return place
}

// onLinux ends tests that find out where a process listens.
func onLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells where a process listens")
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	if place := locate(t, program(t, "serve")); !place.Movable || !strings.HasPrefix(place.Origin, "http://127.0.0.1:") {
		t.Errorf("got %+v", place)
	}
}

func TestLocateAtAPortOfTheProgramsChoice(t *testing.T) {
	t.Parallel()
	onLinux(t)
	port, other := runtest.Port(t), runtest.Port(t)
	p := program(t, "two", fmt.Sprintf("LISTEN=:%d", port), fmt.Sprintf("OTHER=127.0.0.1:%d", other))
	if place := locate(t, p); place.Movable || place.Origin != fmt.Sprintf("http://127.0.0.1:%d", port) {
		t.Errorf("got %+v, want port %d", place, port)
	}
}

func TestLocateAtTheURLThatIsGiven(t *testing.T) {
	t.Parallel()
	port := runtest.Port(t)
	p := program(t, "serve", fmt.Sprintf("LISTEN=127.0.0.1:%d", port))
	p.URL = fmt.Sprintf("http://localhost:%d", port)
	if place := locate(t, p); place.Movable || place.Origin != p.URL {
		t.Errorf("got %+v", place)
	}
}

func TestProgramThatDoesNotStartSaysWhatItPrinted(t *testing.T) {
	t.Parallel()
	_, err := program(t, "needs").Locate(t.Context())
	starting, ok := errors.AsType[trial.StartError](err)
	if !ok || is[check.BrokenError](err) || !errors.Is(err, run.ErrEnded) || !strings.Contains(starting.Printed, "no database") {
		t.Fatalf("got %v", err)
	}
	if text := err.Error(); strings.Contains(text, "hunter2") || strings.Contains(text, "\x1b") || !strings.Contains(text, "connecting with …") {
		t.Errorf("got %q", text)
	}
}

func TestPatchIsAtFault(t *testing.T) {
	t.Parallel()
	for behaviour, want := range map[string]string{
		"crash":  "starts without the patch, but not with it",
		"open":   "POST /mcp answers 404",
		"silent": "does so 0 times",
	} {
		_, err := program(t, behaviour).Locate(t.Context())
		if !is[check.BrokenError](err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", behaviour, err)
		}
	}
}

func TestProgramWithoutTheEndpointIsNotWaitedForEver(t *testing.T) {
	t.Parallel()
	onLinux(t)
	p := program(t, "serve")
	p.After, p.StartTimeout = p.Before, time.Second
	if _, err := p.Locate(t.Context()); !errors.Is(err, trial.ErrNowhere) || !strings.Contains(err.Error(), "it listens at 127.0.0.1:") {
		t.Errorf("got %v", err)
	}
}

func TestLocateEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := program(t, "serve").Locate(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	p := program(t, "serve")
	var q trial.Questions
	for _, path := range []string{"/same", "/start", "/second", "/host", "/path", "/patched"} {
		q.Requests = append(q.Requests, replay.Request{Method: "GET", Path: path, Route: path})
	}
	q.Added, q.Protected = []string{"/mcp", "/own"}, func(replay.Request) bool { return false }
	table, err := p.Compare(t.Context(), locate(t, p), q)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]replay.Verdict{
		"/same": {replay.Identical}, "/host": {replay.Identical}, "/path": {replay.Identical}, "/patched": {replay.Differs},
		"/start": {replay.Varies}, "/second": {replay.Varies, replay.Identical},
		"/own": {replay.Identical}, // which the program has answered by itself
	}
	if len(table.Rows) != len(want) {
		t.Errorf("%d rows, want %d", len(table.Rows), len(want))
	}
	for _, row := range table.Rows {
		if !strings.Contains(fmt.Sprint(want[row.Path]), string(row.Verdict)) {
			t.Errorf("%s, want %v", row, want[row.Path])
		}
	}
	if len(table.Added) != 1 || table.Added[0] != (replay.Field{Name: "/mcp", Before: "404", After: "401"}) {
		t.Errorf("added %+v", table.Added)
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
