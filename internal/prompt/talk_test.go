//go:build !windows

package prompt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

const (
	patience = 10 * time.Second // fails the test; no test waits for it when it passes
	report   = "\x1b[7;7R"
	// surveyMark is printed by survey before each line it reads, and by nothing else.
	surveyMark = "\x1b[999;999f"
)

const (
	answersCPR = true
	neverCPR   = false
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(child())
	}
	for _, name := range []string{"NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"} {
		os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

// talk is a prompter on a terminal of its own.
type talk struct {
	*prompttest.Terminal
	t       *testing.T
	streams *iostreams.Streams
	p       prompt.Prompter
	mode    unix.Termios // before the first question
	ctx     context.Context
	cancel  context.CancelFunc
}

// open starts a talk; env are "NAME=value".
func open(t *testing.T, answerCPR bool, env ...string) *talk {
	t.Helper()
	getenv := func(name string) string {
		for _, e := range env {
			if value, ok := strings.CutPrefix(e, name+"="); ok {
				return value
			}
		}
		return ""
	}
	term, tty := prompttest.Open(t, answerCPR)
	out := failingFile(t)
	streams := iostreams.New(tty, out, tty, getenv)
	p := prompt.New(streams, getenv, false)
	if answerCPR {
		prompt.WaitForReport(p, patience)
	}
	ctx, cancel := context.WithCancel(t.Context())
	return &talk{
		Terminal: term, t: t, streams: streams, p: p,
		mode: term.Mode(), ctx: ctx, cancel: cancel,
	}
}

// failingFile is a standard output that nothing may be written to.
func failingFile(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// pending is a question that is being asked.
type pending[T any] struct {
	k    *talk
	done chan struct{}
	got  T
	err  error
}

func start[T any](k *talk, ask func() (T, error)) *pending[T] {
	p := &pending[T]{k: k, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.got, p.err = ask()
	}()
	return p
}

func (k *talk) ask(q prompt.Question) *pending[string] {
	return start(k, func() (string, error) { return k.p.Ask(k.ctx, q) })
}

func (k *talk) confirm(label string, def bool) *pending[bool] {
	return start(k, func() (bool, error) { return k.p.Confirm(k.ctx, label, def) })
}

// wait waits for the end of the question and looks at the terminal it leaves behind.
func (p *pending[T]) wait() (T, error) {
	p.k.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.k.t.Fatalf("the question did not end; printed so far:\n%q", p.k.Transcript())
	}
	if p.k.Mode() != p.k.mode {
		p.k.t.Errorf("the terminal is left in another mode:\n%v, was\n%v", p.k.Mode(), p.k.mode)
	}
	return p.got, p.err
}

func (p *pending[T]) want(want T) {
	p.k.t.Helper()
	got, err := p.wait()
	if err != nil || !reflect.DeepEqual(got, want) {
		p.k.t.Errorf("got %#v, %v; want %#v; printed:\n%q", got, err, want, p.k.Transcript())
	}
}

func (p *pending[T]) wantInterrupted() {
	p.k.t.Helper()
	got, err := p.wait()
	if !errors.Is(err, prompt.ErrInterrupted) || !reflect.ValueOf(got).IsZero() {
		p.k.t.Errorf("got %#v, %v; want an interrupt; printed:\n%q", got, err, p.k.Transcript())
	}
}

// wantStyle checks which asker was used.
func (k *talk) wantStyle(survey bool) {
	k.t.Helper()
	if got := strings.Contains(k.Transcript(), surveyMark); got != survey {
		k.t.Errorf("survey was used: %v, want %v; printed:\n%q", got, survey, k.Transcript())
	}
}

func (k *talk) notPrinted(text string) {
	k.t.Helper()
	if strings.Contains(k.Transcript(), text) {
		k.t.Errorf("%q was printed:\n%q", text, k.Transcript())
	}
}

func port() prompt.Question {
	return prompt.Question{
		Key: "port", Label: "Port", Help: "Any free port.", Default: "3002",
		Check: func(s string) error {
			if strings.Trim(s, "0123456789") != "" {
				return fmt.Errorf("%q is not a number", s)
			}
			return nil
		},
	}
}

func secret() prompt.Question {
	return prompt.Question{Key: "client_secret", Label: "Client secret", Kind: prompt.Secret}
}
