package dev_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/dev"
)

// touch changes a watched file of the session.
func (s *session) touch(t *testing.T, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.Dir, "main.go"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func watch(r *dev.Runner) { r.Watch = []string{"*.go"} }

func TestRunnerStartsAnewWhenFilesChange(t *testing.T) {
	t.Parallel()
	s := start(t, "good", watch)
	s.awaitReady(t)
	s.touch(t, "a")
	s.out.await(t, "dev    | restarted in", 1)
	s.out.await(t, "serving good", 2)
	s.stop()
	if err := s.awaitEnd(t); err != nil || s.builds != 2 {
		t.Errorf("%d builds, %v\n%s", s.builds, err, &s.out)
	}
}

func TestFailedBuildLeavesTheServerRunning(t *testing.T) {
	t.Parallel()
	s := start(t, "good", watch)
	s.awaitReady(t)
	s.fail(errors.New("syntax error"))
	s.touch(t, "a")
	s.out.await(t, "dev    | syntax error\ndev    | the server from before keeps running; waiting for a change", 1)
	if _, err := http.Get(s.Wiring.ServerURL + "health"); err != nil || strings.Contains(s.out.String(), "asked to stop") {
		t.Errorf("%v\n%s", err, &s.out)
	}
	s.fail(nil)
	s.touch(t, "ab")
	s.out.await(t, "restarted in", 1)
	if left, err := os.ReadDir(s.Scratch); err != nil || len(left) != 1 {
		t.Errorf("left of three builds: %v, %v", left, err)
	}
	s.stop()
	if err := s.awaitEnd(t); err != nil {
		t.Error(err)
	}
}

func TestWatchedServerMayFailAtFirst(t *testing.T) {
	t.Parallel()
	s := start(t, "good", watch)
	s.fail(errors.New("syntax error")) // or just too late for the first build
	s.touch(t, "a")
	s.out.await(t, "syntax error", 1)
	s.fail(nil)
	s.touch(t, "ab")
	s.awaitReady(t)
	s.stop()
	if err := s.awaitEnd(t); err != nil {
		t.Error(err)
	}
}

func TestWatchedServerMayEnd(t *testing.T) {
	t.Parallel()
	s := start(t, "good", watch)
	s.awaitReady(t)
	if _, err := http.Get(s.Wiring.ServerURL + "exit"); err == nil {
		t.Error("the server answered")
	}
	s.out.await(t, "dev    | no server is running; waiting for a change", 1)
	s.out.await(t, "dev    | the server ended with code 3", 1)
	s.touch(t, "a")
	s.out.await(t, "restarted in", 1)
	s.stop()
	if err := s.awaitEnd(t); err != nil {
		t.Error(err)
	}
}

// TestSettingsAreReadAgain wants new variables to reach the server, and other URLs to be refused.
func TestSettingsAreReadAgain(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var next dev.Wiring
	s := start(t, "good", func(r *dev.Runner) {
		watch(r)
		next = r.Wiring
		r.Rewire = func() (dev.Wiring, error) {
			mu.Lock()
			defer mu.Unlock()
			return next, nil
		}
	})
	s.awaitReady(t)
	mu.Lock()
	next.Variables = append(next.Variables, behaviour+"=changed")
	mu.Unlock()
	s.touch(t, "a")
	s.out.await(t, "serving changed", 1)
	mu.Lock()
	next.ServerURL = "http://localhost:1/"
	mu.Unlock()
	s.touch(t, "ab")
	s.out.await(t, "stop mcpauth dev and start it again", 1)
	s.stop()
	if err := s.awaitEnd(t); err != nil {
		t.Error(err)
	}
}
