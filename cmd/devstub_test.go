//go:build !windows

package cmd_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestDevKillsAtTheSecondSignal(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.stub()
	s.start("my-server")
	s.await("Ctrl-C stops both.")
	pid := serverPID(t, &s.stderr)
	s.signal(syscall.SIGINT)
	s.signal(syscall.SIGHUP) // at once: by a terminal that was closed, or a parent that passes signals on
	s.await("Ctrl-C again kills it.")
	if err := syscall.Kill(pid, 0); err != nil {
		t.Errorf("two signals at once killed the server: %v", err)
	}
	s.signal(syscall.SIGTERM)
	s.checkEnd(130)
	checkGone(t, pid)
	s.checkQuiet()
	s.await(fmt.Sprintf("server | pid %d hello", pid))
}

func TestDevKillsAServerThatDoesNotStop(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.stub()
	s.start("my-server")
	s.await("Ctrl-C stops both.")
	pid := serverPID(t, &s.stderr)
	s.signal(syscall.SIGINT)
	s.checkEnd(1)
	checkGone(t, pid)
	s.await("mcpauth: the server did not stop within")
}

func serverPID(t *testing.T, out *tape) int {
	t.Helper()
	found := regexp.MustCompile(`server \| pid (\d+)`).FindStringSubmatch(out.String())
	if found == nil {
		t.Fatalf("no pid in:\n%s", out)
	}
	pid, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func checkGone(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("process %d is still there", pid)
	}
}

func TestDevReportsAServerThatEnds(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.stub()
	s.start("my-server", "--json")
	s.await("auth   | listening")
	deadline := time.Now().Add(longPatience)
	for !strings.HasSuffix(strings.TrimSpace(s.stdout.String()), "}") && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	var ready struct {
		MCPURL string `json:"mcp_url"`
	}
	if err := json.Unmarshal([]byte(s.stdout.String()), &ready); err != nil {
		t.Fatalf("%v\n%s%s", err, &s.stdout, &s.stderr)
	}
	if _, err := http.Get(ready.MCPURL + "exit"); err == nil {
		t.Error("the server answered")
	}
	s.checkEnd(1)
	s.await("mcpauth: the server ended with code 3; its last lines:\n")
	s.await("server | last words")
}

func TestDevDoesNotBuild(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.stub()
	s.write("main.go", "package main\n\nfunc main() { undefined() }\n")
	s.start("my-server")
	s.checkEnd(4)
	s.await("undefined: undefined")
	if s.stdout.String() != "" {
		t.Errorf("printed %s", &s.stdout)
	}
}

func TestDevReportsTakenPorts(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.stub()
	for port, flag := range map[int]string{s.server: "--port", s.auth: "--auth-port"} {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command(mcpauth(), "dev", "my-server")
		c.Dir = s.root
		out, err := c.CombinedOutput()
		l.Close()
		want := regexp.MustCompile(fmt.Sprintf(`port %d is taken( by \S+ \(pid %d\))?\nhint: stop .*, or use %s \d+\n`, port, os.Getpid(), flag))
		if code := c.ProcessState.ExitCode(); code != 1 || !want.Match(out) {
			t.Errorf("exit code %d, %v: %s", code, err, out)
		}
	}
}
