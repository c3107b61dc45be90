package server

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/path-mcp/internal/config"
)

var quiet = slog.New(slog.DiscardHandler)

// pipes is a listener whose connections are in memory, so that the clock of synctest can run.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// served runs serve on pipes. It returns a function that connects and sends text, one
// that ends the server as a signal does, and the channel of what serve returns.
func served(t *testing.T, handler http.HandlerFunc) (dial func(text string) net.Conn, stop func(), result <-chan error) {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, config.Config{Resource: &url.URL{}}, p, handler, quiet) }()
	return func(text string) net.Conn {
		client, server := net.Pipe()
		p.conns <- server
		t.Cleanup(func() { client.Close() })
		go io.WriteString(client, text)
		return client
	}, cancel, ended
}

func ok(http.ResponseWriter, *http.Request) {}

func TestC17Timeouts(t *testing.T) {
	t.Parallel()
	const request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
	for name, test := range map[string]struct {
		text    string
		handler http.HandlerFunc
		status  int // 0: the connection closes without an answer
		after   time.Duration
	}{
		"no request":        {"", ok, 0, 5 * time.Second},
		"half a header":     {"POST / HTTP/1.1\r\nHost", ok, 400, 5 * time.Second},
		"half a body":       {request + "12345", readBody, 400, 30 * time.Second},
		"a whole body":      {request + "1234567890", readBody, 200, 0},
		"a tool of an hour": {request + "1234567890", slow(time.Hour), 200, time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			dial, stop, result := served(t, test.handler)
			start := time.Now()
			resp, err := http.ReadResponse(bufio.NewReader(dial(test.text)), nil)
			if err == nil != (test.status != 0) || err == nil && resp.StatusCode != test.status || time.Since(start) != test.after {
				t.Errorf("%s: got %+v, %v after %v; want %d after %v", name, resp, err, time.Since(start), test.status, test.after)
			}
			stop()
			if err := <-result; err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func readBody(w http.ResponseWriter, r *http.Request) {
	if _, err := io.ReadAll(r.Body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}

// slow is a handler that takes its time, unless its request is cancelled.
func slow(d time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(d):
		case <-r.Context().Done():
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}

func TestC17IdleTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dial, stop, result := served(t, ok)
		conn := bufio.NewReader(dial("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		if _, err := http.ReadResponse(conn, nil); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := conn.ReadByte(); err != io.EOF || time.Since(start) != 120*time.Second {
			t.Errorf("got %v after %v, want the end after 2 m", err, time.Since(start))
		}
		stop()
		<-result
	})
}

func TestC17Shutdown(t *testing.T) {
	t.Parallel()
	for request, finishes := range map[time.Duration]bool{9 * time.Second: true, 11 * time.Second: false} {
		synctest.Test(t, func(t *testing.T) {
			dial, stop, result := served(t, slow(request))
			conn := dial("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			synctest.Wait()
			answered := make(chan bool, 1)
			go func() {
				resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
				answered <- err == nil && resp.StatusCode == 200
			}()
			start := time.Now()
			stop()
			if err := <-result; (err == nil) != finishes || time.Since(start) > 10*time.Second {
				t.Errorf("request of %v: shutdown ended with %v after %v", request, err, time.Since(start))
			}
			if got := <-answered; got != finishes {
				t.Errorf("request of %v: answered %v, want %v", request, got, finishes)
			}
			time.Sleep(request) // its handler ends
		})
	}
}

func TestC17HeaderLimit(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error)
	go func() {
		result <- serve(ctx, config.Config{Resource: &url.URL{}}, listener, http.HandlerFunc(ok), quiet)
	}()
	for size, want := range map[int]int{12 << 10: 200, 24 << 10: 431} {
		req, _ := http.NewRequest(http.MethodGet, "http://"+listener.Addr().String(), nil)
		req.Header.Set("X-Long", strings.Repeat("x", size))
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%d bytes: got %d, want %d", size, resp.StatusCode, want)
		}
	}
	if err := Run(ctx, config.Config{Addr: listener.Addr().String()}, nil, quiet); err == nil || !strings.HasPrefix(err.Error(), "listening on "+listener.Addr().String()) {
		t.Errorf("a second server on %s: got %v", listener.Addr(), err)
	}
	stop()
	if err := <-result; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("the server still accepts connections")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	sample := httptest.NewTLSServer(nil) // for its certificate
	defer sample.Close()
	key, _ := x509.MarshalPKCS8PrivateKey(sample.TLS.Certificates[0].PrivateKey)
	cfg := config.Config{Addr: "127.0.0.1:0", Resource: &url.URL{}}
	cfg.TLSCert, cfg.TLSKey = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	if err := errors.Join(
		os.WriteFile(cfg.TLSCert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: sample.Certificate().Raw}), 0o600),
		os.WriteFile(cfg.TLSKey, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error)
	go func() { result <- serve(ctx, cfg, listener, http.HandlerFunc(ok), quiet) }()
	if resp, err := sample.Client().Head("https://" + listener.Addr().String()); err != nil || resp.StatusCode != 200 {
		t.Errorf("got %v, %v", resp, err)
	}
	stop()
	if err := <-result; err != nil {
		t.Error(err)
	}
	cfg.TLSKey = filepath.Join(t.TempDir(), "missing.pem")
	ctx, stop = context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	if err := Run(ctx, cfg, http.HandlerFunc(ok), quiet); err == nil || !strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("missing key file: got %v", err)
	}
}
