package authserver

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver/oauth"
)

// maxRequests is how many requests the log keeps before it forgets the oldest.
const maxRequests = 10_000

// Request is one request that reached the server. It holds no header value and no body, so that a log
// can be printed.
type Request struct {
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	// Status is the status of the answer, 0 while there is none.
	Status int `json:"status"`
	// Token reports whether a header or the URL carried what looks like a JWT. A server that fetches keys
	// has none of its own: it would be the token of one of its clients.
	Token bool `json:"token"`
	// Grant is the grant_type of a token request, "other" for one that does not exist.
	Grant string `json:"grant,omitempty"`
	// ClientID is the client that an OAuth endpoint was called by, once it is known that there is such a client.
	ClientID string `json:"client_id,omitempty"`
	// Error is the OAuth error code of a refusal.
	Error string `json:"error,omitempty"`
}

type requestLog struct {
	mu       sync.Mutex
	requests []*Request
	fetches  int
	tokens   int
}

// entry is a request's place in the log. It is in the request's context.
type entry struct {
	log     *requestLog
	request *Request
}

type entryKey struct{}

// add logs a request before it is answered. The writer and the request it returns complete the entry.
func (l *requestLog) add(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, *http.Request) {
	request := &Request{Time: time.Now(), Method: r.Method, Path: r.URL.Path, Token: carriesToken(r)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) == maxRequests {
		l.requests = slices.Delete(l.requests, 0, maxRequests/10)
	}
	l.requests = append(l.requests, request)
	if request.Token {
		l.tokens++
	}
	if r.URL.Path == "/keys" && r.Method != http.MethodOptions {
		l.fetches++
	}
	e := entry{log: l, request: request}
	return &statusWriter{ResponseWriter: w, entry: e}, r.WithContext(context.WithValue(r.Context(), entryKey{}, e))
}

func (e entry) note(change func(*Request)) {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	change(e.request)
}

// noteEvent adds to the log what an OAuth endpoint has to say.
func noteEvent(r *http.Request, event oauth.Event) {
	if e, ok := r.Context().Value(entryKey{}).(entry); ok {
		e.note(func(request *Request) {
			request.Grant, request.ClientID, request.Error = event.Grant, event.ClientID, event.Error
		})
	}
}

// statusWriter notes the status of the answer.
type statusWriter struct {
	http.ResponseWriter
	entry entry
	wrote bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.wrote {
		w.wrote = true
		w.entry.note(func(request *Request) { request.Status = status })
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// carriesToken looks for the beginning of a JWT's claims, which always are a JSON object.
func carriesToken(r *http.Request) bool {
	const claims = ".eyJ"
	if strings.Contains(r.URL.RawQuery, claims) {
		return true
	}
	for _, values := range r.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, claims) }) {
			return true
		}
	}
	return false
}

// Requests returns what has arrived so far, oldest first.
func (s *Server) Requests() []Request {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	requests := make([]Request, 0, len(s.requests.requests))
	for _, request := range s.requests.requests {
		requests = append(requests, *request)
	}
	return requests
}

// TokensReceived counts the requests so far that carried what looks like a JWT.
func (s *Server) TokensReceived() int {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	return s.requests.tokens
}

// Fetches counts the requests for the keys so far, answered or not.
func (s *Server) Fetches() int {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	return s.requests.fetches
}
