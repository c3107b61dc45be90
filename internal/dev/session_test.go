package dev_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// behaviour makes this test binary play a server instead of running tests.
const behaviour = "DEV_TEST_SERVER"

func TestMain(m *testing.M) {
	switch os.Getenv(behaviour) {
	case "":
		os.Exit(m.Run())
	case "broken":
		fmt.Println("cannot start")
		os.Exit(7)
	default:
		serve(os.Getenv(behaviour))
	}
}

// serve answers /health, and ends as it is told: at /exit, or at SIGTERM unless it is stubborn.
func serve(kind string) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) {
		fmt.Println("last words")
		os.Exit(3)
	})
	fmt.Println("serving", kind)
	go http.ListenAndServe(os.Getenv("HOST")+":"+os.Getenv("PORT"), mux)
	for range stop {
		fmt.Println("asked to stop")
		if kind != "stubborn" {
			os.Exit(0)
		}
	}
}

// A transcript is written by one goroutine and read by another.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (tr *transcript) Write(p []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.Write(p)
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.String()
}

func (tr *transcript) await(t *testing.T, text string, times int) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for strings.Count(tr.String(), text) < times {
		if time.Now().After(deadline) {
			t.Fatalf("%q was not printed %d times; printed:\n%s", text, times, tr)
		}
		time.Sleep(time.Millisecond)
	}
}

// A session is a runner at work.
type session struct {
	*dev.Runner
	out        transcript
	stop, kill context.CancelFunc
	readied    chan struct{}
	ended      chan error
	builds     int
	failing    error // of the next builds
	unready    error // of ready
	mu         sync.Mutex
}

func (s *session) ready() error {
	close(s.readied)
	return s.unready
}

func (s *session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err
}

// start runs a server of the given kind. change is made to the runner first.
func start(t *testing.T, kind string, change func(*dev.Runner)) *session {
	t.Helper()
	s := newSession(t, kind, change)
	s.run(t)
	return s
}

func newSession(t *testing.T, kind string, change func(*dev.Runner)) *session {
	t.Helper()
	port := runtest.Port(t)
	s := &session{readied: make(chan struct{}), ended: make(chan error, 1)}
	s.Runner = &dev.Runner{
		Dir: t.TempDir(), Scratch: t.TempDir(),
		Wiring: dev.Wiring{
			ServerURL: fmt.Sprintf("http://localhost:%d/", port),
			Settings:  contract.Settings{Port: port, Host: "127.0.0.1"},
			Variables: []string{"HOST=127.0.0.1", "PORT=" + strconv.Itoa(port)},
		},
		Env:  []string{behaviour + "=" + kind},
		Logs: dev.NewLogs(&s.out, dev.LogOptions{}),
	}
	s.Build = func(_ context.Context, scratch string) ([]string, error) {
		if err := os.MkdirAll(scratch, 0o700); err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.builds++
		return []string{os.Args[0]}, s.failing
	}
	change(s.Runner)
	return s
}

func (s *session) run(t *testing.T) {
	life, kill := context.WithCancel(context.Background())
	ctx, stop := context.WithCancel(life)
	s.stop, s.kill = stop, kill
	go func() { s.ended <- s.Run(ctx, life, s.ready) }()
	t.Cleanup(kill)
}

func (s *session) awaitReady(t *testing.T) {
	t.Helper()
	select {
	case <-s.readied:
	case err := <-s.ended:
		t.Fatalf("ended before it was ready: %v\n%s", err, &s.out)
	case <-time.After(30 * time.Second):
		t.Fatalf("not ready:\n%s", &s.out)
	}
}

func (s *session) awaitEnd(t *testing.T) error {
	t.Helper()
	select {
	case err := <-s.ended:
		if err := run.CheckFree("localhost", s.Wiring.Settings.Port); err != nil {
			t.Errorf("after the end: %v", err)
		}
		return err
	case <-time.After(30 * time.Second):
		t.Fatalf("did not end:\n%s", &s.out)
		return nil
	}
}

func TestRunnerEndsWhenNobodyCanBeTold(t *testing.T) {
	t.Parallel()
	s := newSession(t, "good", unchanged)
	s.unready = errors.New("no reader")
	s.run(t)
	if err := s.awaitEnd(t); !errors.Is(err, s.unready) || !strings.Contains(s.out.String(), "asked to stop") {
		t.Errorf("%v\n%s", err, &s.out)
	}
}

func unchanged(*dev.Runner) {}
