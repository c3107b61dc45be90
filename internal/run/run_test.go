package run_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// childVariable makes this test binary play a child instead of running tests.
const childVariable = "RUN_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		os.Exit(m.Run())
	case "env":
		for _, entry := range os.Environ() {
			fmt.Println(entry)
		}
	case "exit":
		fmt.Println("to stdout")
		fmt.Fprintln(os.Stderr, "to stderr")
		os.Exit(7)
	case "polite":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		fmt.Println("ready")
		<-stop
		fmt.Println("stopping")
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready")
		time.Sleep(time.Minute)
	case "parent", "orphaner":
		grandchild := exec.Command(os.Args[0])
		grandchild.Env = []string{childVariable + "=stubborn"}
		if err := grandchild.Start(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("grandchild", grandchild.Process.Pid)
		if os.Getenv(childVariable) == "parent" {
			time.Sleep(time.Minute)
		}
	case "family":
		member := exec.Command(os.Args[0])
		member.Env = []string{childVariable + "=serve", "ADDR=" + os.Getenv("ADDR")}
		fmt.Println(member.Run())
	case "serve":
		err := http.ListenAndServe(os.Getenv("ADDR"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/health" {
				http.NotFound(w, r)
			}
		}))
		fmt.Println(err)
		os.Exit(1)
	}
}

func child(behaviour string, vars ...string) run.Command {
	return run.Command{Path: os.Args[0], Env: append([]string{childVariable + "=" + behaviour}, vars...)}
}

func start(t *testing.T, c run.Command) *run.Process {
	t.Helper()
	p, err := run.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Kill(); err != nil {
			t.Errorf("killing %d: %v", p.PID(), err)
		}
		<-p.Done()
	})
	return p
}

func awaitOutput(t *testing.T, p *run.Process, text string) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !bytes.Contains(p.Log(), []byte(text)) {
		if time.Now().After(deadline) {
			t.Fatalf("%q not in the output: %s", text, p.Log())
		}
		time.Sleep(time.Millisecond)
	}
}

func wait(t *testing.T, p *run.Process) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	code, err := p.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestChildGetsOnlyTheEnvironmentItIsGiven(t *testing.T) {
	t.Setenv("SK_CLIENT_SECRET", "the caller's")
	p := start(t, child("env", "PORT=1"))
	if code := wait(t, p); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	lines := strings.Fields(string(p.Log()))
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "SYSTEMROOT=") })
	if got := strings.Join(lines, " "); got != childVariable+"=env PORT=1" {
		t.Errorf("the child saw %q", got)
	}
}

func TestNoEnvironmentIsAnEmptyOne(t *testing.T) {
	t.Setenv(childVariable, "env")
	result, err := run.Output(t.Context(), run.Command{Path: os.Args[0], Args: []string{"-test.run=^$"}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(result.Stdout), childVariable) {
		t.Errorf("the child saw the caller's environment: %s", result.Stdout)
	}
}

func TestEnvironmentPassesOnWhatProgramsNeed(t *testing.T) {
	t.Parallel()
	caller := []string{"PATH=/bin", "PORT=1", "HOST=0.0.0.0", "SK_ENV_URL=x", "SK_CLIENT_SECRET=s", "GOCACHE=/c", "LOG_LEVEL=debug", "Path=C:\\"}
	got := run.Environment(caller, []string{"PORT=2", "SK_ENV_URL=y"})
	want := []string{"PATH=/bin", "GOCACHE=/c", "Path=C:\\", "PORT=2", "SK_ENV_URL=y"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOutputKeepsTheStreamsApart(t *testing.T) {
	t.Parallel()
	result, err := run.Output(t.Context(), child("exit"))
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 7 || string(result.Stdout) != "to stdout\n" || string(result.Stderr) != "to stderr\n" {
		t.Errorf("result is %d, %q, %q", result.ExitCode, result.Stdout, result.Stderr)
	}
}

func TestOutputFailsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := run.Output(ctx, child("stubborn")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestMissingProgramIsAnError(t *testing.T) {
	t.Parallel()
	missing := run.Command{Path: "./no-such-program"}
	if _, err := run.Start(t.Context(), missing); err == nil {
		t.Error("started")
	}
	if _, err := run.Output(t.Context(), missing); err == nil {
		t.Error("ran")
	}
}

func TestExitCodeAndBothStreamsAreCaptured(t *testing.T) {
	t.Parallel()
	p := start(t, child("exit"))
	if code := wait(t, p); code != 7 {
		t.Errorf("exit code %d", code)
	}
	if log := string(p.Log()); !strings.Contains(log, "to stdout") || !strings.Contains(log, "to stderr") {
		t.Errorf("log is %q", log)
	}
}

func TestTerminateLetsTheProcessFinish(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // there is no SIGTERM; Terminate is Kill, which TestStopKills covers
	}
	p := start(t, child("polite"))
	awaitOutput(t, p, "ready")
	if err := p.Terminate(); err != nil {
		t.Fatal(err)
	}
	if code := wait(t, p); code != 0 || p.Killed() || !bytes.Contains(p.Log(), []byte("stopping")) {
		t.Errorf("exit code %d, log %q", code, p.Log())
	}
	if err := errors.Join(p.Terminate(), p.Kill(), p.Stop()); err != nil {
		t.Errorf("ending an ended process: %v", err)
	}
}

func TestStopKillsAfterTheGracePeriod(t *testing.T) {
	t.Parallel()
	c := child("stubborn")
	c.Grace = 100 * time.Millisecond
	p := start(t, c)
	awaitOutput(t, p, "ready")
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if code := wait(t, p); code == 0 || !p.Killed() {
		t.Errorf("a killed process has exit code %d, killed: %v", code, p.Killed())
	}
}

func TestWaitGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	p := start(t, child("stubborn"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOutputIsPassedOnAndBounded(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{5, 15} {
		var copied bytes.Buffer
		c := child("exit")
		c.Output, c.LogLimit = &copied, limit
		p := start(t, c)
		wait(t, p)
		if !strings.Contains(copied.String(), "to stdout\n") || !strings.Contains(copied.String(), "to stderr\n") {
			t.Errorf("passed on %q", copied.String())
		}
		if log := string(p.Log()); len(log) != limit || !strings.HasSuffix(copied.String(), log) {
			t.Errorf("kept %q, want the last %d bytes of %q", log, limit, copied.String())
		}
	}
}

func TestAwaitHealthyReturnsOnceTheServerAnswers(t *testing.T) {
	t.Parallel()
	port := runtest.Port(t)
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	p := start(t, child("serve", "ADDR="+addr))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := run.AwaitHealthy(ctx, p, nil, "http://"+addr+"/health"); err != nil {
		t.Fatal(err)
	}
	brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := run.AwaitHealthy(brief, p, nil, "http://"+addr+"/elsewhere"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that answers 404 is healthy: %v", err)
	}
}

func TestAwaitHealthyReportsAProcessThatEnds(t *testing.T) {
	t.Parallel()
	p := start(t, child("exit"))
	err := run.AwaitHealthy(t.Context(), p, nil, "http://127.0.0.1:1/health")
	if err == nil || !strings.Contains(err.Error(), "code 7") || !strings.Contains(err.Error(), "to stderr") {
		t.Errorf("got %v", err)
	}
}

func TestGrandchildrenEndWithTheProcess(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // there are no process groups
	}
	t.Run("killed", func(t *testing.T) {
		p := start(t, child("parent"))
		pid := grandchild(t, p)
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		wait(t, p)
		awaitEnd(t, pid)
	})
	t.Run("ended by itself", func(t *testing.T) {
		p := start(t, child("orphaner"))
		pid := grandchild(t, p)
		wait(t, p)
		awaitEnd(t, pid)
	})
}

func grandchild(t *testing.T, p *run.Process) int {
	t.Helper()
	awaitOutput(t, p, "\n")
	var pid int
	if _, err := fmt.Sscanf(string(p.Log()), "grandchild %d\n", &pid); err != nil {
		t.Fatalf("%q: %v", p.Log(), err)
	}
	return pid
}

func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for process.Signal(syscall.Signal(0)) == nil && !zombie(pid) {
		if time.Now().After(deadline) {
			t.Errorf("process %d is still alive: %v", pid, process.Kill())
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// zombie reports whether a process has ended and only waits to be collected by an init that is slow or
// absent, as in some containers.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, state, found := strings.Cut(string(stat), ") ")
	return found && strings.HasPrefix(state, "Z")
}
