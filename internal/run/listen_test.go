package run_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// occupy lets another process listen at an address.
func occupy(t *testing.T, host string) (port, pid int) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort(host, "0"))
	if err != nil && host == "::1" && os.Getenv("CI") == "" {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	p := start(t, child("serve", "ADDR="+address))
	if err := run.AwaitHealthy(t.Context(), p, nil, "http://"+strings.Replace(address, "[::]", "127.0.0.1", 1)+"/health"); err != nil {
		t.Fatal(err)
	}
	return l.Addr().(*net.TCPAddr).Port, p.PID()
}

func TestTakenPortNamesItsHolder(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "::1", "0.0.0.0"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			port, pid := occupy(t, host)
			listeners, err := run.ListenLoopback("localhost", port)
			taken, ok := errors.AsType[*run.TakenError](err)
			if !ok || taken.Port != port || len(listeners) > 0 {
				t.Fatalf("%d listeners, %v", len(listeners), err)
			}
			// Who that is can be found out on Linux only.
			if who := fmt.Sprintf(" (pid %d)", pid); runtime.GOOS == "linux" && !strings.HasSuffix(taken.Holder, who) {
				t.Errorf("held by %q, want a name and%s", taken.Holder, who)
			}
		})
	}
}

func TestListenLoopbackTakesBothAddresses(t *testing.T) {
	t.Parallel()
	port := runtest.Port(t)
	listeners, err := run.ListenLoopback("localhost", port)
	if err != nil || len(listeners) == 0 || listeners[0].Addr().String() != fmt.Sprintf("127.0.0.1:%d", port) {
		t.Fatalf("%v, %v", listeners, err)
	}
	if run.CheckFree("127.0.0.1", port) == nil || len(listeners) == 2 && run.CheckFree("::1", port) == nil {
		t.Error("a port that is listened on passes for free")
	}
	if next := run.NextFree("localhost", port); next == port {
		t.Error("the next free port is one that is taken")
	}
	if next := run.NextFree("localhost", 65536); next != 0 {
		t.Errorf("the port after the last one is %d", next)
	}
	for _, l := range listeners {
		l.Close()
	}
	if err := run.CheckFree("localhost", port); err != nil {
		t.Error(err)
	}
}

func TestListenLoopbackRefusesOtherAddresses(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"0.0.0.0", "::", "192.0.2.1", "example.com", ""} {
		if listeners, err := run.ListenLoopback(host, 0); err == nil {
			t.Errorf("listens on %v", listeners)
		}
	}
}

// TestStartHealthyKillsAServerThatDoesNotAnswer wants nothing to be left of the server, and of what it started.
func TestStartHealthyKillsAServerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, pid := child("parent"), 0
	c.Output = onWrite(func(p []byte) {
		fmt.Sscanf(string(p), "grandchild %d\n", &pid)
		cancel()
	})
	p, err := run.StartHealthy(ctx, t.Context(), c, nil, "http://127.0.0.1:1/health", 0)
	if !errors.Is(err, context.Canceled) || p != nil || pid == 0 {
		t.Fatalf("got %v, %v, grandchild %d", p, err, pid)
	}
	if runtime.GOOS != "windows" { // where there are no process groups
		awaitEnd(t, pid)
	}
}

// onWrite is called with what is written.
type onWrite func(p []byte)

func (f onWrite) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
