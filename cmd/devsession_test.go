//go:build !windows

package cmd_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

const longPatience = 2 * time.Minute // for a build on a busy machine

// A tape is what a program prints, while it prints it.
type tape struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (tp *tape) Write(p []byte) (int, error) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return tp.text.Write(p)
}

func (tp *tape) String() string {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return tp.text.String()
}

// A devSession is mcpauth dev at work on a project.
type devSession struct {
	t              *testing.T
	root           string
	server, auth   int // ports
	cmd            *exec.Cmd
	stdout, stderr tape
	ended          chan struct{}
	temporary      string
}

func newDevSession(t *testing.T) *devSession {
	t.Helper()
	s := &devSession{t: t, root: t.TempDir(), temporary: t.TempDir()}
	for _, port := range []*int{&s.server, &s.auth} {
		*port = runtest.Port(t)
	}
	return s
}

// write puts a file into the project.
func (s *devSession) write(name, content string) {
	s.t.Helper()
	path := filepath.Join(s.root, "my-server", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *devSession) read(name string) string {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.root, "my-server", name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(content)
}

// init makes the project, with more arguments.
func (s *devSession) init(args ...string) {
	s.t.Helper()
	c := exec.Command(mcpauth(), append([]string{"init", "my-server", "--yes", "--port", strconv.Itoa(s.server)}, args...)...)
	c.Dir = s.root
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
}

// initLocal makes a project for offline work.
func (s *devSession) initLocal(args ...string) {
	s.t.Helper()
	s.init(append([]string{"--dev", "--env-url", fmt.Sprintf("http://localhost:%d", s.auth)}, args...)...)
}

// stub replaces the server of the project by one that has no dependencies: it answers /health, ends with code 3 at /exit,
// does not mind SIGTERM, and prints what it has of the caller's environment.
func (s *devSession) stub() {
	s.initLocal()
	for _, name := range []string{"internal", "main_test.go", "go.sum"} {
		if err := os.RemoveAll(filepath.Join(s.root, "my-server", name)); err != nil {
			s.t.Fatal(err)
		}
	}
	s.write("go.mod", "module stub\n\ngo 1.25\n")
	s.write("main.go", `package main

import ("fmt"; "net/http"; "os"; "os/signal"; "syscall")

func main() {
	signal.Ignore(syscall.SIGTERM)
	fmt.Println("pid", os.Getpid(), os.Getenv("GREETING"), os.Getenv("MCPAUTH_TOKEN"), os.Getenv("SK_CLIENT_SECRET"))
	http.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { fmt.Println("last words"); os.Exit(3) })
	fmt.Println(http.ListenAndServe(os.Getenv("HOST")+":`+strconv.Itoa(s.server)+`", nil))
}
`)
}

func (s *devSession) command(args ...string) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // children inherit no more that it is ignored, as under nohup
	s.cmd = exec.Command(mcpauth(), append([]string{"dev"}, args...)...)
	s.cmd.Dir = s.root
	s.cmd.Env = append(os.Environ(), "TMPDIR="+s.temporary, "SK_ENV_URL=https://acme.scalekit.com", "PORT=1", "SK_CLIENT_SECRET=hush-shell", "MCPAUTH_TOKEN=hush-token", "GREETING=hello")
}

// start runs mcpauth dev with its output in pipes.
func (s *devSession) start(args ...string) {
	s.t.Helper()
	s.command(args...)
	s.cmd.Stdout, s.cmd.Stderr = &s.stdout, &s.stderr
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func() {
		s.cmd.Wait()
		close(s.ended)
	}()
	s.t.Cleanup(func() {
		s.cmd.Process.Signal(syscall.SIGINT) // twice: it takes its server with it
		s.cmd.Process.Signal(syscall.SIGINT)
		select {
		case <-s.ended:
		case <-time.After(longPatience):
			s.cmd.Process.Kill()
		}
	})
}

// await waits until standard error holds text.
func (s *devSession) await(text string) {
	s.t.Helper()
	deadline := time.After(longPatience)
	for !strings.Contains(s.stderr.String(), text) {
		select {
		case <-s.ended:
			if !strings.Contains(s.stderr.String(), text) {
				s.t.Fatalf("ended before it printed %q; it printed:\n%s%s", text, &s.stderr, &s.stdout)
			}
		case <-deadline:
			s.t.Fatalf("%q was not printed; printed:\n%s%s", text, &s.stderr, &s.stdout)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (s *devSession) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// checkEnd wants the exit code, both ports free, and nothing left of the build.
func (s *devSession) checkEnd(code int) {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(longPatience):
		s.t.Fatalf("does not end; printed:\n%s", &s.stderr)
	}
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("exit code %d, want %d; printed:\n%s", got, code, &s.stderr)
	}
	for _, port := range []int{s.server, s.auth} {
		if err := run.CheckFree("localhost", port); err != nil {
			s.t.Error(err)
		}
	}
	checkEmpty(s.t, s.temporary)
}

// checkQuiet wants neither secrets nor escape sequences to have been printed.
func (s *devSession) checkQuiet() {
	s.t.Helper()
	for _, text := range []string{"hush-", "\x1b"} {
		if printed := s.stdout.String() + s.stderr.String(); strings.Contains(printed, text) {
			s.t.Errorf("printed %q:\n%s", text, printed)
		}
	}
}

// word returns what stands behind a label on standard output.
func (s *devSession) word(label string) string {
	s.t.Helper()
	found := regexp.MustCompile(`(?m)^` + label + ` +(\S+)`).FindStringSubmatch(s.stdout.String())
	if found == nil {
		s.t.Fatalf("no %s in:\n%s", label, &s.stdout)
	}
	return found[1]
}

// callTool calls a tool and returns the answer, or why there is none.
func callTool(url, token, tool, arguments string) string {
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `}}`
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return response.Status + " " + string(answer)
}
