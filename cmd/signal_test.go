//go:build !windows

package cmd_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// tool is the program as users have it: with the signal handling of its main.
func tool(t *testing.T) string {
	t.Helper()
	binary, err := builtTool()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// builtTool builds it where the program under test is, which goes when all tests have ended.
var builtTool = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(filepath.Dir(mcpauth()), "built", "mcpauth")
	if out, err := exec.Command("go", "build", "-o", binary, "./mcpauth").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return binary, nil
})

// verifying starts init --verify in an empty directory, with temporary files in another.
func verifying(t *testing.T, binary string) (c *exec.Cmd, dir, temporary string) {
	t.Helper()
	dir, temporary = t.TempDir(), t.TempDir()
	c = exec.Command(binary, "init", "my-server", "--dev", "--yes", "--verify")
	c.Dir = dir
	c.Env = append(os.Environ(), "TMPDIR="+temporary)
	t.Cleanup(func() { c.Process.Kill() })
	return c, dir, temporary
}

func checkEmpty(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) > 0 {
			t.Errorf("left behind in %s: %v, %v", dir, entries, err)
		}
	}
}

// TestClosedOutputLeavesNothing is mcpauth init --verify | head -1, with a head that is quick to leave.
func TestClosedOutputLeavesNothing(t *testing.T) {
	t.Parallel()
	c, dir, temporary := verifying(t, tool(t))
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	c.Stdout = writer
	err = c.Run()
	writer.Close()
	if code := c.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit code %d, want 1: %v", code, err)
	}
	checkEmpty(t, dir, temporary)
}

func TestSignalsLeaveNothing(t *testing.T) {
	t.Parallel()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // children inherit no more that it is ignored, as under nohup
	binary := tool(t)
	for _, tc := range []struct {
		signal syscall.Signal
		at     string // what the program says before it
	}{
		{syscall.SIGINT, "running the tests"},
		{syscall.SIGTERM, "checking the contract"},
		{syscall.SIGHUP, "checking the contract"},
	} {
		t.Run(tc.signal.String(), func(t *testing.T) {
			t.Parallel()
			c, dir, temporary := verifying(t, binary)
			stderr, err := c.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stderr)
			for lines.Scan() {
				if strings.HasPrefix(lines.Text(), tc.at) {
					if err := c.Process.Signal(tc.signal); err != nil {
						t.Error(err)
					}
				}
			}
			c.Wait()
			if code := c.ProcessState.ExitCode(); code != 130 {
				t.Errorf("exit code %d, want 130", code)
			}
			checkEmpty(t, dir, temporary)
		})
	}
}

// TestSignalEndsVerifyAndItsServers interrupts verify --start in the middle of its checks.
func TestSignalEndsVerifyAndItsServers(t *testing.T) {
	t.Parallel()
	binary, dir, temporary := tool(t), t.TempDir(), t.TempDir()
	project := filepath.Join(dir, "my-server")
	if out, err := exec.Command(binary, "init", project, "--dev", "--yes").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	reports := filepath.Join(dir, "reports")
	if err := os.Mkdir(reports, 0o700); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(binary, "verify", "--start", project, "--junit", filepath.Join(reports, "report.xml"))
	c.Env = append(os.Environ(), "TMPDIR="+temporary)
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var url, last string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		last = lines.Text()
		if rest, ok := strings.CutPrefix(last, "checking the contract on "); ok {
			url = rest
			if err := c.Process.Signal(syscall.SIGINT); err != nil {
				t.Error(err)
			}
		}
	}
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 || last != "mcpauth: interrupted; nothing was left behind" {
		t.Errorf("exit code %d after %q, want 130", code, last)
	}
	if response, err := http.Get(url); url == "" || err == nil {
		t.Errorf("%q still answers: %v", url, response)
	}
	checkEmpty(t, temporary, reports)
}
