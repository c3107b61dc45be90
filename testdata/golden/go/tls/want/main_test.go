package main

import (
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/tls/internal/authtest"
)

// setenv sets what the server reads from the environment, and nothing else.
func setenv(t *testing.T, getenv func(string) string) {
	for _, name := range []string{"HOST", "PORT", "SK_ENV_URL", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA",
		"ALLOWED_ORIGINS", "MAX_BODY_BYTES", "TLS_CERT_FILE", "TLS_KEY_FILE", "LOG_LEVEL"} {
		t.Setenv(name, getenv(name))
	}
	t.Chdir(t.TempDir()) // away from .env
}

func TestRunReportsEveryMissingValue(t *testing.T) {
	setenv(t, func(string) string { return "" })
	err := run()
	for _, name := range []string{"SK_ENV_URL", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA"} {
		if err == nil || !strings.Contains(err.Error(), "\n"+name+": ") {
			t.Errorf("%s is not reported: %v", name, err)
		}
	}
}

func TestC17RunServesUntilSignalled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot signal itself on Windows")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) { serveUntil(t, signal) })
	}
}

func serveUntil(t *testing.T, signal os.Signal) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	url := "http://" + listener.Addr().String()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	setenv(t, authtest.Start(t).Getenv("http://localhost:"+port+mcpPath, port))
	t.Setenv("LOG_LEVEL", "error")
	result := make(chan error, 1)
	go func() { result <- run() }()
	for {
		resp, err := http.Head(url + "/health")
		if err == nil && resp.StatusCode == http.StatusOK {
			break
		}
		select {
		case err := <-result:
			t.Fatalf("it did not start: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if resp, err := http.Head(url + mcpPath); err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("MCP endpoint without a token: got %v, %v; want 401", resp, err)
	}
	self, _ := os.FindProcess(os.Getpid())
	if err := self.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != nil {
		t.Errorf("after the signal: %v", err)
	}
}
