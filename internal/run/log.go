package run

import (
	"io"
	"slices"
	"sync"
)

// DefaultLogLimit is how many bytes of a process's output are kept.
const DefaultLogLimit = 16 << 20

// log keeps the end of what is written to it and passes everything on.
type log struct {
	limit int
	next  io.Writer

	mu  sync.Mutex
	buf []byte
}

func newLog(limit int, next io.Writer) *log {
	if limit == 0 {
		limit = DefaultLogLimit
	}
	return &log{limit: limit, next: next}
}

// Write never fails: a process must not die of a reader that went away.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, p...)
	if len(l.buf) > 2*l.limit {
		l.buf = slices.Delete(l.buf, 0, len(l.buf)-l.limit)
	}
	if l.next != nil {
		_, _ = l.next.Write(p)
	}
	return len(p), nil
}

func (l *log) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.buf[max(0, len(l.buf)-l.limit):])
}
