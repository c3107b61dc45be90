//go:build !windows

package cmd_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/golden"
)

// hangingTest is a test that leaves files about, says which process it is in, and never ends.
const hangingTest = `package main

import (
	"os"
	"strconv"
	"testing"
)

func TestHangs(t *testing.T) {
	os.WriteFile(t.TempDir()+"/left", nil, 0o600)
	os.WriteFile(os.Getenv("PID_FILE"), []byte(strconv.Itoa(os.Getpid())), 0o600)
	select {}
}
`

// hangingTool stands before the compiler, and never lets it begin.
const hangingTool = `#!/bin/sh
case "$*" in *-V=full*) exec "$@" ;; esac
echo $$ >"$PID_FILE"
exec sleep 1000
`

const oneServer = `package main

import "net/http"

func main() { http.ListenAndServe(":8080", http.NewServeMux()) }
`

// TestSignalsDuringTheProof ends retrofit in the middle: nothing is written, what it had started has ended, and no
// temporary file is left.
func TestSignalsDuringTheProof(t *testing.T) {
	t.Parallel()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // children inherit no more that it is ignored, as under nohup
	binary := tool(t)
	for _, tc := range []struct {
		signal syscall.Signal
		during string
		slow   bool // hangs in the compiler, not in a test
	}{
		{syscall.SIGINT, "reading the program", true},
		{syscall.SIGTERM, "running your tests", false},
		{syscall.SIGHUP, "running your tests", false},
	} {
		t.Run(tc.signal.String(), func(t *testing.T) {
			t.Parallel()
			dir, temporary, pid := writeModule(t, oneServer), t.TempDir(), filepath.Join(t.TempDir(), "pid")
			env := append(os.Environ(), "TMPDIR="+temporary, "PID_FILE="+pid)
			if tc.slow {
				slow := filepath.Join(t.TempDir(), "slow")
				if err := os.WriteFile(slow, []byte(hangingTool), 0o700); err != nil {
					t.Fatal(err)
				}
				env = append(env, "GOFLAGS=-toolexec="+slow)
			} else if err := os.WriteFile(filepath.Join(dir, "main_test.go"), []byte(hangingTest), 0o644); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			c := exec.Command(binary, "retrofit", dir)
			c.Env = env
			interrupt(t, c, tc.signal, tc.during, pid)
			if err := golden.Compare(tree(t, dir), before); err != nil {
				t.Error(err)
			}
			checkEmpty(t, temporary)
			if tc.slow {
				// The go command that has been asked to end does not end the compiler, which is done soon otherwise.
				syscall.Kill(writtenPID(t, pid), syscall.SIGKILL)
			}
			checkEnded(t, pid)
		})
	}
}

// interrupt runs the command and sends it a signal as soon as it has said what it does, and somebody has written the file.
func interrupt(t *testing.T, c *exec.Cmd, signal syscall.Signal, during, file string) {
	t.Helper()
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	var said []string
	sent := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.HasPrefix(lines.Text(), during) && !sent {
			for !written(file) {
				time.Sleep(10 * time.Millisecond)
			}
			sent = true
			if err := c.Process.Signal(signal); err != nil {
				t.Error(err)
			}
		}
	}
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 || said[len(said)-1] != "mcpauth: interrupted; nothing was left behind" {
		t.Errorf("exit code %d, want 130, after\n%s", code, strings.Join(said, "\n"))
	}
}

func written(file string) bool {
	content, err := os.ReadFile(file)
	return err == nil && len(content) > 0
}

func writtenPID(t *testing.T, file string) int {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// checkEnded wants the process that has written its id into the file to be gone.
func checkEnded(t *testing.T, file string) {
	t.Helper()
	pid := writtenPID(t, file)
	for deadline := time.Now().Add(patience); !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d still runs", pid)
		}
	}
}

// TestClosedOutputOfADiff is mcpauth retrofit --dry-run | head -1, with a head that is quick to leave.
func TestClosedOutputOfADiff(t *testing.T) {
	t.Parallel()
	dir, temporary := writeModule(t, oneServer), t.TempDir()
	before := tree(t, dir)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	c := exec.Command(tool(t), "retrofit", dir, "--dry-run")
	c.Env, c.Stdout = append(os.Environ(), "TMPDIR="+temporary), writer
	err = c.Run()
	writer.Close()
	if code := c.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit code %d, want 1: %v", code, err)
	}
	if err := golden.Compare(tree(t, dir), before); err != nil {
		t.Error(err)
	}
	checkEmpty(t, temporary)
}
