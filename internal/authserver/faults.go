package authserver

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// faults make the key endpoint misbehave on request.
type faults struct {
	mu     sync.Mutex
	outage bool
	bloat  bool
	delay  time.Duration
	hang   chan struct{} // closed to let the hanging requests go; nil while nothing hangs
}

func newFaults() *faults { return &faults{} }

// Outage makes the key endpoint answer 503, or answer again.
func (s *Server) Outage(on bool) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.outage = on
}

// bloatSize is far more than any set of keys and little enough to be sent at once.
const bloatSize = 8 << 20

// Bloat makes the key endpoint answer with the right keys and, in the same JSON object, 8 MiB of padding.
func (s *Server) Bloat(on bool) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.bloat = on
}

// writePadding writes what Bloat asks for: a member of a JSON object, with a comma after it.
func (f *faults) writePadding(w io.Writer) error {
	f.mu.Lock()
	bloat := f.bloat
	f.mu.Unlock()
	if !bloat {
		return nil
	}
	const chunk = 64 << 10
	padding := strings.Repeat("x", chunk)
	_, err := io.WriteString(w, `"padding":"`)
	for i := 0; i < bloatSize/chunk && err == nil; i++ {
		_, err = io.WriteString(w, padding)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, `",`)
	return err
}

// Slow delays every answer of the key endpoint by d. Zero ends it.
func (s *Server) Slow(d time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.delay = d
}

// Hang makes the key endpoint accept requests and never answer. Ending it answers the ones that wait.
func (s *Server) Hang(on bool) {
	if !on {
		s.faults.release()
		return
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if s.faults.hang == nil {
		s.faults.hang = make(chan struct{})
	}
}

func (f *faults) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hang != nil {
		close(f.hang)
		f.hang = nil
	}
}

func (f *faults) wrap(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		outage, delay, hang := f.outage, f.delay, f.hang
		f.mu.Unlock()
		if hang != nil {
			select {
			case <-hang:
			case <-r.Context().Done():
				return
			}
		}
		if delay > 0 {
			select {
			case <-time.After(delay):
			case <-r.Context().Done():
				return
			}
		}
		if outage {
			http.Error(w, "out of service on request", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	}
}
