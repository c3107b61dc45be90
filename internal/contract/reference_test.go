package contract_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
)

// The reference server keeps the whole contract, and breaks one requirement when told to. It is written
// with nothing but the standard library: what it does must be visible here.

const clientSecret = "secret-of-the-reference-server"

// limits are the contract's, scaled down so that nobody has to wait.
var limits = contract.Limits{
	KeyFloor: 150 * time.Millisecond, KeyWait: time.Second, UnknownKeys: 300,
	Body: 16 << 10, Token: 8 << 10, Header: 16 << 10, InFlight: 6,
	ReadHeader: time.Second, Stop: 2 * time.Second,
}

// signingKeys saves every issuer from generating its own. They are short, since nobody attacks them and
// signing with them takes a fifth of the time.
var signingKeys = sync.OnceValues(func() ([]*rsa.PrivateKey, error) {
	var keys []*rsa.PrivateKey
	for range 3 {
		key, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
})

// reference is one running reference server.
type reference struct {
	broken   string
	url      string
	origin   string
	path     string // of the MCP endpoint, empty for the root
	issuers  []string
	audience []string
	metadata []byte
	keys     *keySet
	slots    chan struct{}
	requests atomic.Int64

	log  logBuffer
	http *http.Server
	code int
	done chan struct{}
	once sync.Once

	mu    sync.Mutex
	first *identity // the first caller, for the mutant that remembers it
}

func (s *reference) is(fault string) bool { return s.broken == fault }

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) line(members map[string]any) {
	encoded, _ := json.Marshal(members)
	l.text(string(encoded))
}

func (l *logBuffer) text(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.WriteString(text + "\n")
}

// Log, Terminate and Wait make the server a contract.Process.
func (s *reference) Log() []byte {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return bytes.Clone(s.log.buf.Bytes())
}

func (s *reference) Terminate() error {
	s.once.Do(func() {
		if s.is("stop-abrupt") {
			_ = s.http.Close()
			close(s.done)
			return
		}
		go func() {
			defer close(s.done)
			if s.is("stop-deaf") {
				time.Sleep(2 * limits.Stop)
			}
			ctx, cancel := context.WithTimeout(context.Background(), limits.Stop)
			defer cancel()
			if s.http.Shutdown(ctx) != nil || s.is("stop-exit-code") {
				s.code = 1
			}
		}()
	})
	return nil
}

func (s *reference) Wait(ctx context.Context) (int, error) {
	select {
	case <-s.done:
		return s.code, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// startSite starts a reference server and the issuer it trusts.
func startSite(broken, path string, prepare func(contract.Issuer)) (contract.Site, error) {
	keys, err := signingKeys()
	if err != nil {
		return contract.Site{}, err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return contract.Site{}, err
	}
	origin := "http://" + listener.Addr().String()
	url := origin + path
	issuer := authserver.New(authserver.Options{ServerURL: url, SigningKeys: keys})
	if err := issuer.Start(); err != nil {
		return contract.Site{}, errors.Join(err, listener.Close())
	}
	prepare(issuer)
	s := newReference(broken, origin, path, issuer)
	if s.is("start-needs-keys") && s.keys.refresh("") != nil {
		return contract.Site{}, errors.Join(errors.New("the server ended with code 1"), listener.Close(), issuer.Close())
	}
	s.serve(listener)
	latest := s
	return contract.Site{
		URL: url, Issuer: issuer, Process: s, Metadata: s.metadata, Secrets: []string{clientSecret},
		Restart: func(ctx context.Context) error {
			listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", strings.TrimPrefix(origin, "http://"))
			if err != nil {
				return err
			}
			latest = newReference(broken, origin, path, issuer)
			if latest.is("restart-forgets") {
				latest.audience = nil
			}
			latest.serve(listener)
			return nil
		},
		Close: func() error {
			err := latest.http.Close()
			for _, ended := range []*reference{s, latest} {
				ended.once.Do(func() { close(ended.done) })
			}
			return errors.Join(err, issuer.Close())
		},
	}, nil
}

func (s *reference) serve(listener net.Listener) {
	go s.keys.refreshUntilKnown(s.done)
	go func() { _ = s.http.Serve(listener) }()
}

func newReference(broken, origin, path string, issuer *authserver.Server) *reference {
	url := origin + path
	s := &reference{
		broken: broken, url: url, origin: origin, path: strings.TrimSuffix(path, "/"),
		issuers:  []string{issuer.Environment(), issuer.Issuer()},
		audience: []string{issuer.ResourceID(), strings.TrimSuffix(url, "/"), strings.TrimSuffix(url, "/") + "/"},
		slots:    make(chan struct{}, limits.InFlight),
		done:     make(chan struct{}),
	}
	s.metadata, _ = json.Marshal(map[string]any{
		"authorization_servers":    []string{issuer.Issuer()},
		"bearer_methods_supported": []string{"header"},
		"resource":                 url,
		"resource_documentation":   strings.TrimSuffix(url, "/") + "/docs",
		"scopes_supported":         []string{"org:read", "profile:read"},
	})
	s.keys = newKeySet(broken, issuer.Environment()+"/keys")
	s.http = &http.Server{Handler: s.handler(), ReadHeaderTimeout: limits.ReadHeader, MaxHeaderBytes: limits.Header}
	switch {
	case s.is("slow-header"):
		s.http.ReadHeaderTimeout = 0
	case s.is("large-header"):
		s.http.MaxHeaderBytes = 1 << 20
	}
	s.log.line(map[string]any{"msg": "listening", "url": url})
	switch {
	case s.is("log-secret"):
		s.log.line(map[string]any{"msg": "configured", "secret": clientSecret})
	case s.is("log-text"):
		s.log.text("listening on " + url)
	}
	return s
}

// newTarget starts a reference server as the target of a walk.
func newTarget(t testing.TB, broken, path string) contract.Target {
	t.Helper()
	newSite := func(_ context.Context, prepare func(contract.Issuer)) (contract.Site, error) {
		return startSite(broken, path, prepare)
	}
	site, err := newSite(context.Background(), func(contract.Issuer) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := site.Close(); err != nil {
			t.Error(err)
		}
	})
	return contract.Target{
		Site: site, NewSite: newSite, Limits: limits,
		PublicTool: &contract.Tool{Name: "greet", Arguments: map[string]any{"name": "contract"}},
		ScopedTool: &contract.Tool{Name: "whoami", Scopes: []string{"org:read", "profile:read"}},
	}
}
