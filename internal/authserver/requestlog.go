package authserver

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxRequests is how many requests the log keeps before it forgets the oldest.
const maxRequests = 10_000

// Request is one request that reached the server. It holds no header value and no body, so that a log
// can be printed.
type Request struct {
	Time   time.Time
	Method string
	Path   string
	// Token reports whether a header or the URL carried what looks like a JWT. A server that fetches keys
	// has none of its own: it would be the token of one of its clients.
	Token bool
}

type requestLog struct {
	mu       sync.Mutex
	requests []Request
	fetches  int
	tokens   int
}

func (l *requestLog) add(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) == maxRequests {
		l.requests = slices.Delete(l.requests, 0, maxRequests/10)
	}
	l.requests = append(l.requests, Request{
		Time:   time.Now(),
		Method: r.Method,
		Path:   r.URL.Path,
		Token:  carriesToken(r),
	})
	if carriesToken(r) {
		l.tokens++
	}
	if r.URL.Path == "/keys" {
		l.fetches++
	}
}

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
	return slices.Clone(s.requests.requests)
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
