//go:build !windows

package cmd_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/mcpauth/mcpauth/internal/golden"
)

// recording is a program that notes its process id in a file.
const recording = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	f, _ := os.OpenFile(os.Getenv("PIDS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	fmt.Fprintln(f, os.Getpid())
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
`

// TestSignalEndsTheProgramThatIsTried interrupts retrofit --verify while the program runs.
func TestSignalEndsTheProgramThatIsTried(t *testing.T) {
	t.Parallel()
	binary, dir, temporary, pids := tool(t), t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "pids")
	for name, content := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.25.0\n", "main.go": recording} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	c := exec.Command(binary, "retrofit", dir, "--verify", "--yes", "--run-env", "PIDS="+pids)
	c.Env = append(os.Environ(), "TMPDIR="+temporary)
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "checking the contract on ") {
			if err := c.Process.Signal(syscall.SIGINT); err != nil {
				t.Error(err)
			}
		}
	}
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	list, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range strings.Fields(string(list)) {
		pid, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d is still there: %v", pid, err)
		}
	}
	if err := golden.Compare(tree(t, dir), before); err != nil {
		t.Error(err)
	}
	checkEmpty(t, temporary)
}
