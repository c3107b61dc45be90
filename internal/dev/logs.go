package dev

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"
)

// maxLine is how many bytes of a line are held until its end comes. A longer one is shown in pieces.
const maxLine = 64 << 10

// nameWidth is that of the longest name, so that the lines stand below each other.
const nameWidth = len(ServerName)

// Names of those who write lines.
const (
	AuthName   = "auth"
	ServerName = "server"
	DevName    = "dev"
)

// Logs mixes the lines of several writers into one, and never two of them in one line.
type Logs struct {
	out  io.Writer
	opts LogOptions

	mu     sync.Mutex
	broken bool
}

// LogOptions are how logs look. The zero value is usable.
type LogOptions struct {
	Color  bool
	Quiet  bool        // problems only
	Failed func(error) // called once, when out takes no more; may be nil
}

// NewLogs returns logs that go to out.
func NewLogs(out io.Writer, opts LogOptions) *Logs { return &Logs{out: out, opts: opts} }

// A Stream is one of the writers. It is for one goroutine at a time.
type Stream struct {
	logs   *Logs
	prefix string
	mute   bool
	line   []byte // without its end
}

// Stream returns the writer with this name.
func (l *Logs) Stream(name string) *Stream {
	prefix := fmt.Sprintf("%-*s | ", nameWidth, name)
	if l.opts.Color {
		colors := map[string]int{AuthName: 36, ServerName: 32, DevName: 35} // cyan, green, magenta
		prefix = fmt.Sprintf("\x1b[%dm%-*s |\x1b[0m ", colors[name], nameWidth, name)
	}
	return &Stream{logs: l, prefix: prefix, mute: l.opts.Quiet}
}

// Write never fails: who writes must not suffer from a reader that has gone.
func (s *Stream) Write(p []byte) (int, error) {
	for part := range bytes.Lines(p) {
		text, ended := bytes.CutSuffix(part, []byte("\n"))
		s.line = append(s.line, text...)
		for len(s.line) > maxLine {
			s.print(s.line[:maxLine])
			s.line = slices.Delete(s.line, 0, maxLine)
		}
		if ended {
			s.end()
		}
	}
	return len(p), nil
}

// Flush ends a line that has no end yet.
func (s *Stream) Flush() {
	if len(s.line) > 0 {
		s.end()
	}
}

func (s *Stream) end() {
	s.print(bytes.TrimSuffix(s.line, []byte("\r")))
	s.line = s.line[:0]
}

func (s *Stream) print(line []byte) {
	l := s.logs
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken || s.mute {
		return
	}
	_, err := l.out.Write(slices.Concat([]byte(s.prefix), line, []byte("\n")))
	if l.broken = err != nil; l.broken && l.opts.Failed != nil {
		l.opts.Failed(err)
	}
}

// Line writes one line, or several, in somebody's name.
func (l *Logs) Line(name, format string, args ...any) {
	s := l.Stream(name)
	fmt.Fprintf(s, format, args...)
	s.Flush()
}

// Problem writes err in the name of mcpauth dev, even where everything else is quiet.
func (l *Logs) Problem(err error) {
	s := l.Stream(DevName)
	s.mute = false
	fmt.Fprint(s, err)
	s.Flush()
}
