package main

import (
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/acme/Mixed-Case_server.v2/internal/authtest"
)

var variables = []string{"PORT", "SK_ENV_URL", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA"}

func TestRunReportsEveryMissingValue(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range variables {
		t.Setenv(name, "")
	}
	err := run()
	for _, name := range variables[1:] {
		if err == nil || !strings.Contains(err.Error(), "\n"+name+": ") {
			t.Errorf("%s is not reported: %v", name, err)
		}
	}
}

func TestRunServesUntilInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot interrupt itself on Windows")
	}
	t.Chdir(t.TempDir())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	url := "http://" + listener.Addr().String()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	getenv := authtest.Start(t).Getenv("http://localhost:"+port+mcpPath, port)
	for _, name := range variables {
		t.Setenv(name, getenv(name))
	}
	t.Setenv("LOG_LEVEL", "error")
	result := make(chan error, 1)
	go func() { result <- run() }()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		resp, err := http.Get(url + "/health")
		if err == nil {
			resp.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	if resp, err := http.Post(url+mcpPath, "application/json", nil); err != nil || resp.StatusCode != 401 {
		t.Errorf("MCP endpoint without a token: got %v, %v; want 401", resp, err)
	}
	self, _ := os.FindProcess(os.Getpid())
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != nil {
		t.Errorf("after the interrupt: %v", err)
	}
}
