package iostreams

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	progressDelay = 500 * time.Millisecond
	spinInterval  = 120 * time.Millisecond
)

// Progress tells the person on standard error that something takes time, once it has taken
// half a second. On a terminal a spinner turns beside label until done is called, which
// erases it; elsewhere, and where [Streams.Plain] holds, label is printed once and stays.
//
// Until done returns nothing else may write to Err. done may be called more than once.
func (s *Streams) Progress(label string) (done func()) {
	if s.quiet {
		return func() {}
	}
	show := s.line
	if s.errTerminal && !s.plain {
		show = s.spin
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-stop:
		case <-time.After(progressDelay):
			show(label, stop)
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-stopped
	})
}

func (s *Streams) line(label string, _ <-chan struct{}) {
	fmt.Fprintf(s.Err, "%s...\n", label)
}

// spin erases with spaces, not with an escape sequence: older Windows consoles know none.
func (s *Streams) spin(label string, stop <-chan struct{}) {
	const frames = `|/-\`
	tick := time.NewTicker(spinInterval)
	defer tick.Stop()
	for i := 0; ; i++ {
		fmt.Fprintf(s.Err, "\r%c %s", frames[i%len(frames)], label)
		select {
		case <-stop:
			fmt.Fprintf(s.Err, "\r%s\r", strings.Repeat(" ", 2+len(label)))
			return
		case <-tick.C:
		}
	}
}
