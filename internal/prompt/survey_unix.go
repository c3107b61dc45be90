//go:build !windows

package prompt

import (
	"bytes"
	"errors"
	"time"

	"github.com/AlecAivazis/survey/v2/terminal"
)

// surveyFiles returns the console as survey sees it.
func (c *console) surveyFiles(color bool) (terminal.FileReader, terminal.FileWriter) {
	keys := &surveyKeys{console: c, wait: reportWait}
	return keys, &surveyScreen{console: c, keys: keys, color: color}
}

func (c *console) runSurvey(ask func() error) error { return ask() }

// reportWait is how long a terminal that did answer a cursor query has to answer the next.
const reportWait = time.Second

// surveyKeys gives survey one key at a time. survey drops what it reads beyond the end of a line, takes
// Ctrl-D for Enter, and waits for ever, or crashes, for want of a cursor report.
type surveyKeys struct {
	console *console
	queried bool          // survey waits for a cursor report
	wait    time.Duration // for a cursor report
	rest    []byte        // of the present key
}

func (k *surveyKeys) Fd() uintptr { return k.console.in.Fd() }

func (k *surveyKeys) Read(p []byte) (int, error) {
	if len(k.rest) == 0 {
		key, err := k.key()
		if err != nil {
			return 0, err
		}
		k.rest = key
	}
	n := copy(p, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

// key returns what survey is to read next. An interrupt is Ctrl-C, which survey handles in any state.
func (k *surveyKeys) key() ([]byte, error) {
	if k.queried {
		k.queried = false
		return k.report(), nil
	}
	key, err := k.console.next()
	if errors.Is(err, ErrInterrupted) || err == nil && key[0] == ctrlD {
		return []byte{ctrlC}, nil
	}
	return key, err
}

// report returns the cursor report that survey waits for. Made up, it spoils the looks of a long line at most.
func (k *surveyKeys) report() []byte {
	report, err := k.console.cursorReport(k.wait)
	if err != nil {
		k.wait = probeWait
		return []byte("\x1b[1;1R")
	}
	return report
}

// surveyScreen notices cursor queries, and drops colour when it is not wanted: survey itself looks at
// NO_COLOR only, and only once.
type surveyScreen struct {
	console *console
	keys    *surveyKeys
	color   bool
}

func (s *surveyScreen) Fd() uintptr { return s.console.out.Fd() }

// Write reports no error: that the terminal is gone is found out by reading.
func (s *surveyScreen) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(cursorQuery)) {
		s.keys.queried = true
	}
	shown := p
	if !s.color {
		shown = withoutColor(p)
	}
	_, _ = s.console.out.Write(shown)
	return len(p), nil
}

// withoutColor returns b without its SGR sequences, ESC [ ... m.
func withoutColor(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		n := 1
		if b[0] == esc {
			n, _ = escape(b)
		}
		if b[0] != esc || b[n-1] != 'm' {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}
