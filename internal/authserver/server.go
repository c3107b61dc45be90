// Package authserver is a local stand-in for a Scalekit environment, for development and tests.
//
// Clients log in to it at Scalekit's URLs; package oauth beneath it has those endpoints. It listens on
// loopback only, keeps its keys in memory or in a state file, and misbehaves on request: keys can be
// rotated and withdrawn, and the key endpoint can be made to fail, dawdle or hang while a server under
// test depends on it. It also forges the tokens that a protected server must refuse.
//
// Terms follow the contract: the environment is the URL everything hangs off, the resource id is the
// res_… identifier of one MCP server within it, and the issuer is the environment URL followed by
// /resources/ and that id.
package authserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver/oauth"
)

// readHeaderTimeout bounds how long a client may take to send its request header.
const readHeaderTimeout = 5 * time.Second

// Server is the stand-in. It is an [http.Handler], and all its methods may be called while it serves.
type Server struct {
	opts     Options
	mux      *http.ServeMux
	keys     *keyring
	faults   *faults
	requests *requestLog
	attacker *strangers
	provider *oauth.Provider
	state    *state

	mu       sync.Mutex
	env      string
	form     IssuerForm
	http     *http.Server
	finished chan error
}

// New returns a server that is not listening yet.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{
		opts:     opts,
		mux:      http.NewServeMux(),
		keys:     newKeyring(opts.SigningKeys, opts.Pool),
		faults:   newFaults(),
		requests: &requestLog{},
		attacker: opts.Pool.attacker,
		state:    &state{},
		env:      strings.TrimSuffix(opts.Environment, "/"),
		form:     opts.IssuerForm,
	}
	oauth.HandleOpen(s.mux, http.MethodGet, "/keys", s.faults.wrap(http.HandlerFunc(s.serveKeys)))
	s.provider = s.newProvider()
	s.provider.Routes(s.mux)
	s.controlRoutes()
	return s
}

func (s *Server) newProvider() *oauth.Provider {
	return oauth.New(s, oauth.Options{
		ResourceID:     s.opts.ResourceID,
		ServerURL:      s.opts.ServerURL,
		Scopes:         s.opts.Scopes,
		Users:          s.opts.Users,
		Clients:        s.opts.Clients,
		AutoConsent:    s.opts.AutoConsent,
		Lifetime:       s.opts.Lifetime,
		Metadata:       s.opts.Metadata,
		DocumentClient: s.opts.DocumentClient,
		Now:            s.opts.Now,
		Observe:        noteEvent,
		Changed:        s.saveState,
	})
}

// ServeHTTP records the request and answers it, if it was sent to a loopback name: a web page that makes
// its own name point here (DNS rebinding) gets nothing.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorded := w
	if !strings.HasPrefix(r.URL.Path, controlPrefix) {
		recorded, r = s.requests.add(w, r)
	}
	if !oauth.Loopback(hostOnly(r.Host)) {
		http.Error(recorded, "this server answers to localhost and loopback addresses only", http.StatusForbidden)
		return
	}
	s.mux.ServeHTTP(recorded, r)
}

func hostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// Start restores the state, listens and serves until Close. It refuses an address that is not loopback.
func (s *Server) Start() error {
	if err := s.Restore(); err != nil {
		return err
	}
	addr := s.opts.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := listenLoopback(addr)
	if err != nil {
		return fmt.Errorf("starting the local authorization server on %s: %w", addr, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		return errors.Join(errors.New("starting the local authorization server: it is running already"), listener.Close())
	}
	if s.env == "" {
		s.env = "http://" + listener.Addr().String()
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: readHeaderTimeout}
	s.finished = make(chan error, 1)
	go func(server *http.Server, finished chan<- error) { finished <- server.Serve(listener) }(s.http, s.finished)
	return nil
}

// Close stops serving at once, hanging requests included. Closing a server that is not running does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	server, finished := s.http, s.finished
	s.http = nil
	s.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Close()
	if served := <-finished; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Environment is the environment URL, without a trailing slash: the value of SK_ENV_URL.
func (s *Server) Environment() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.env
}

// ResourceID is the res_… id that is always in aud.
func (s *Server) ResourceID() string { return s.opts.ResourceID }

// Issuer is the identifier that belongs in authorization_servers.
func (s *Server) Issuer() string {
	return s.Environment() + "/resources/" + s.ResourceID()
}

// ServerURL is the URL registered for the protected server, empty when none is.
func (s *Server) ServerURL() string { return s.opts.ServerURL }

// UseIssuer switches the form of iss in the tokens minted from now on.
func (s *Server) UseIssuer(form IssuerForm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.form = form
}

func (s *Server) issuerInUse() string {
	s.mu.Lock()
	form := s.form
	s.mu.Unlock()
	return s.issuerOf(form)
}

func (s *Server) issuerOf(form IssuerForm) string {
	if form == ResourceIssuer {
		return s.Issuer()
	}
	return s.Environment()
}

func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%q is not a loopback address", host)
	}
	return (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
}
