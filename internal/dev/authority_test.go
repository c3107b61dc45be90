package dev_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// authority serves at localhost, and writes its log to the returned transcript.
func authority(t *testing.T) (*dev.Authority, int, *transcript) {
	t.Helper()
	port := runtest.Port(t)
	listeners, err := run.ListenLoopback("localhost", port)
	if err != nil {
		t.Fatal(err)
	}
	out := &transcript{}
	issuer := authserver.New(authserver.Options{Environment: fmt.Sprintf("http://localhost:%d", port), ResourceID: "res_1"})
	a := dev.NewAuthority(listeners, issuer, dev.NewLogs(out, dev.LogOptions{}))
	a.Serve()
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, port, out
}

func get(t *testing.T, url string, header http.Header) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// TestAuthorityAnswersAtBothAddresses wants 127.0.0.1 and, on machines that have it, ::1: localhost may be either.
func TestAuthorityAnswersAtBothAddresses(t *testing.T) {
	t.Parallel()
	_, port, _ := authority(t)
	hosts := []string{"localhost", "127.0.0.1"}
	if l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "[::1]:0"); err == nil {
		l.Close()
		hosts = append(hosts, "[::1]")
	}
	for _, host := range hosts {
		if status := get(t, fmt.Sprintf("http://%s:%d/keys", host, port), nil); status != http.StatusOK {
			t.Errorf("%s: status %d", host, status)
		}
	}
}

// TestAuthorityLogsNoSecret wants method, path and status, and nothing of headers and queries.
func TestAuthorityLogsNoSecret(t *testing.T) {
	t.Parallel()
	_, port, out := authority(t)
	url := fmt.Sprintf("http://localhost:%d", port)
	get(t, url+"/keys?code=hush-code", http.Header{"Authorization": {"Bearer hush-token"}})
	get(t, url+"/nowhere/%1b%5b2J?state=hush-state", nil)
	get(t, url+"/"+strings.Repeat("a", 5000), nil)
	out.await(t, "auth   | GET /keys 200 ", 1)
	out.await(t, "auth   | GET /nowhere/%1b%5b2J 404 ", 1)
	out.await(t, "auth   | GET /aaa", 1)
	if strings.Contains(out.String(), "hush") || len(out.String()) > 1000 {
		t.Errorf("logged:\n%s", out)
	}
}

func TestAuthorityFreesItsPort(t *testing.T) {
	t.Parallel()
	a, port, _ := authority(t)
	a.Hang(true)
	hanging := make(chan struct{})
	go func() {
		defer close(hanging)
		response, err := http.Get(fmt.Sprintf("http://localhost:%d/keys", port))
		if err == nil {
			response.Body.Close()
		}
	}()
	for len(a.Requests()) == 0 {
		select {
		case <-hanging:
			t.Fatal("the request does not hang")
		default:
		}
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	<-hanging
	if err := run.CheckFree("localhost", port); err != nil {
		t.Error(err)
	}
}
