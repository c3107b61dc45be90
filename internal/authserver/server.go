// Package authserver is a local stand-in for a Scalekit environment, for development and tests.
//
// It listens on loopback only, keeps its keys in memory, and misbehaves on request: keys can be
// rotated and withdrawn, and the key endpoint can be made to fail, dawdle or hang while a server
// under test depends on it. It also forges the tokens that a protected server must refuse.
//
// Terms follow the contract: the environment is the URL everything hangs off, the resource id is the
// res_… identifier of one MCP server within it, and the issuer is the environment URL followed by
// /resources/ and that id.
package authserver

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// DefaultResourceID is the resource id of a server whose options name none.
const DefaultResourceID = "res_70000000000000001"

// DefaultLifetime is how long a minted token lives when the options say nothing.
const DefaultLifetime = time.Hour

// readHeaderTimeout bounds how long a client may take to send its request header.
const readHeaderTimeout = 5 * time.Second

// IssuerForm selects which of the two issuers in circulation minted tokens carry.
type IssuerForm string

const (
	// EnvironmentIssuer puts the environment URL in iss, the form Scalekit is moving away from.
	EnvironmentIssuer IssuerForm = "env"
	// ResourceIssuer puts the resource's own issuer in iss, the form Scalekit is moving to.
	ResourceIssuer IssuerForm = "resource"
)

// Options describe the environment to imitate. The zero value is usable.
type Options struct {
	// Addr is where Start listens. It must be a loopback address; empty means 127.0.0.1:0.
	Addr string
	// Environment is the URL under which the server is known, without a trailing slash. Empty means
	// http:// and the address Start listens on; a handler that is never started needs it set.
	Environment string
	// ResourceID is the res_… id of the protected server. Empty means DefaultResourceID.
	ResourceID string
	// ServerURL is the URL registered for the protected server, put in aud exactly as written, before
	// the resource id. Empty leaves the resource id alone in aud, as Scalekit does.
	ServerURL string
	// IssuerForm is the form of iss at first. Empty means EnvironmentIssuer.
	IssuerForm IssuerForm
	// Lifetime is the time between iat and exp. Zero means DefaultLifetime.
	Lifetime time.Duration
	// SigningKeys are used in order, by New and by each Rotate. When there are no more, keys are generated
	// when they are first needed.
	SigningKeys []*rsa.PrivateKey
}

// Server is the stand-in. It is an [http.Handler], and all its methods may be called while it serves.
type Server struct {
	opts     Options
	mux      *http.ServeMux
	keys     *keyring
	faults   *faults
	requests *requestLog
	attacker *strangers

	mu       sync.Mutex
	env      string
	form     IssuerForm
	http     *http.Server
	finished chan error
}

// New returns a server that is not listening yet.
func New(opts Options) *Server {
	s := &Server{
		opts:     opts,
		mux:      http.NewServeMux(),
		keys:     newKeyring(opts.SigningKeys),
		faults:   newFaults(),
		requests: &requestLog{},
		attacker: newStrangers(),
		env:      strings.TrimSuffix(opts.Environment, "/"),
		form:     opts.IssuerForm,
	}
	s.mux.Handle("GET /keys", s.faults.wrap(http.HandlerFunc(s.serveKeys)))
	return s
}

// ServeHTTP records the request and answers it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.add(r)
	s.mux.ServeHTTP(w, r)
}

// Start listens and serves until Close. It refuses an address that is not loopback.
func (s *Server) Start() error {
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
func (s *Server) ResourceID() string {
	if s.opts.ResourceID == "" {
		return DefaultResourceID
	}
	return s.opts.ResourceID
}

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
