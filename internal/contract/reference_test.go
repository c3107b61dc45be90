package contract_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
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
	issuers  []string
	audience []string
	resource string
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
	url := "http://" + listener.Addr().String() + path
	issuer := authserver.New(authserver.Options{ServerURL: url, SigningKeys: keys})
	if err := issuer.Start(); err != nil {
		return contract.Site{}, errors.Join(err, listener.Close())
	}
	prepare(issuer)
	s := newReference(broken, url, issuer)
	if s.is("start-needs-keys") && s.keys.refresh("") != nil {
		return contract.Site{}, errors.Join(errors.New("the server ended with code 1"), listener.Close(), issuer.Close())
	}
	go s.keys.refreshUntilKnown(s.done)
	go func() { _ = s.http.Serve(listener) }()
	return contract.Site{
		URL: url, Issuer: issuer, Process: s, Metadata: s.metadata, Secrets: []string{clientSecret},
		Close: func() error {
			err := s.http.Close()
			s.once.Do(func() { close(s.done) })
			return errors.Join(err, issuer.Close())
		},
	}, nil
}

func newReference(broken, url string, issuer *authserver.Server) *reference {
	s := &reference{
		broken: broken, url: url, resource: url,
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

// handler is the whole server. The order of its layers is a part of the contract.
func (s *reference) handler() http.Handler {
	mcp := http.Handler(http.HandlerFunc(s.serveMCP))
	if s.is("limit-in-flight") {
		mcp = s.authenticate(mcp)
	} else {
		mcp = s.authenticate(s.limit(mcp))
	}
	if s.is("origin-after-auth") {
		mcp = s.authenticate(s.checkOrigin(s.limit(http.HandlerFunc(s.serveMCP))))
	} else {
		mcp = s.checkOrigin(mcp)
	}
	return s.checkHost(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"+r.Host), "/")
		if i := strings.Index(s.url[7:], "/"); i >= 0 {
			path = strings.TrimSuffix(s.url[7+i:], "/")
		}
		switch r.URL.Path {
		case wellKnownRoot:
			s.serveMetadata(w, r)
		case wellKnownRoot + path:
			if s.is("inserted-missing") {
				http.NotFound(w, r)
				return
			}
			s.serveMetadata(w, r)
		case "/health":
			s.serveHealth(w, r)
		case path + "/", path:
			if s.is("redirect") && r.URL.Path == path+"/" {
				http.Redirect(w, r, path, http.StatusTemporaryRedirect)
				return
			}
			mcp.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	}))
}

const wellKnownRoot = "/.well-known/oauth-protected-resource"

func (s *reference) serveMetadata(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if !s.is("metadata-no-cors") {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	document := s.metadata
	switch {
	case s.is("metadata-hidden") && r.Header.Get("Authorization") == "":
		w.WriteHeader(http.StatusUnauthorized)
		return
	case s.is("metadata-altered"):
		document = bytes.Replace(document, []byte("/docs"), []byte("/other"), 1)
	case s.is("metadata-incomplete"):
		document = bytes.Replace(document, []byte(`"bearer_methods_supported":["header"],`), nil, 1)
	case s.is("metadata-no-head") && r.Method == http.MethodHead, s.is("metadata-no-options") && r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(document)
}

func (s *reference) serveHealth(w http.ResponseWriter, r *http.Request) {
	if s.is("health-protected") && r.Header.Get("Authorization") == "" || s.is("health-no-head") && r.Method == http.MethodHead {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if s.is("health-text") {
		fmt.Fprint(w, "ok")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"status":"healthy"}`)
}

func (s *reference) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.slots <- struct{}{}:
			if !s.is("slots-leak") {
				defer func() { <-s.slots }()
			}
			next.ServeHTTP(w, r)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}

func (s *reference) checkHost(next http.Handler) http.Handler {
	if s.is("host-any") {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := httptest.NewRequest(http.MethodGet, "http://"+r.Host+"/", nil).URL.Hostname()
		if host != "localhost" && !net.ParseIP(host).IsLoopback() {
			http.Error(w, "host not allowed", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *reference) allowed(origins []string) bool {
	origin := origins[0]
	switch {
	case s.is("origin-any"):
		return true
	case s.is("origin-null") && origin == "null":
		return true
	case s.is("origin-first") && len(origins) > 1:
		origins = origins[:1]
	case s.is("origin-prefix") && strings.HasPrefix(origin, "http://localhost"):
		return true
	}
	host, found := strings.CutPrefix(origin, "http://")
	name, port, err := net.SplitHostPort(host)
	return len(origins) == 1 && found && err == nil && slices.Contains([]string{"localhost", "127.0.0.1"}, name) && strings.Trim(port, "0123456789") == ""
}

func (s *reference) checkOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if !s.is("cors-no-vary") {
			h.Set("Vary", "Origin")
		}
		origins := r.Header.Values("Origin")
		if len(origins) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		preflight := r.Method == http.MethodOptions
		if !s.allowed(origins) && !(s.is("preflight-any") && preflight) {
			http.Error(w, "origin not allowed", http.StatusForbidden)
			return
		}
		h.Set("Access-Control-Allow-Origin", origins[0])
		h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Mcp-Session-Id")
		switch {
		case s.is("cors-credentials"):
			h.Set("Access-Control-Allow-Credentials", "true")
		case s.is("cors-not-exposed"):
			h.Del("Access-Control-Expose-Headers")
		case s.is("cors-preflight-only") && !preflight:
			h.Del("Access-Control-Allow-Origin")
		}
		if !preflight || s.is("preflight-protected") {
			next.ServeHTTP(w, r)
			return
		}
		headers := "Authorization, Content-Type, Accept, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID"
		if s.is("cors-wildcard-headers") {
			headers = "*"
		}
		h.Set("Access-Control-Allow-Headers", headers)
		h.Set("Access-Control-Allow-Methods", "POST")
		w.WriteHeader(http.StatusNoContent)
	})
}
