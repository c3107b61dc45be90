package prompttest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

// recorder is a test that is expected to fail.
type recorder struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (r *recorder) Helper()           {}
func (r *recorder) Cleanup(do func()) { r.cleanups = append(r.cleanups, do) }
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) end() []string {
	for _, do := range r.cleanups {
		do()
	}
	return r.errors
}

var _ prompt.Prompter = (*prompttest.Scripted)(nil)

func TestScriptIsFollowed(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	s := prompttest.Script(r, map[string]string{"port": "80", "env_url": "", "Sure?": "no", "Really?": ""})
	port, err1 := s.Ask(t.Context(), prompt.Question{Key: "port"})
	url, err2 := s.Ask(t.Context(), prompt.Question{Key: "env_url", Default: "http://x"})
	sure, err3 := s.Confirm(t.Context(), "Sure?", true)
	really, err4 := s.Confirm(t.Context(), "Really?", true)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	if port != "80" || url != "http://x" || sure || !really {
		t.Errorf("got %q, %q, %v, %v", port, url, sure, really)
	}
	if len(s.Asked) != 2 || s.Asked[1].Key != "env_url" {
		t.Errorf("recorded %v", s.Asked)
	}
	if failures := r.end(); failures != nil {
		t.Errorf("the test failed: %q", failures)
	}
}

func TestScriptIsNotFollowed(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	s := prompttest.Script(r, map[string]string{"b": "1", "a": "2"})
	if _, err := s.Ask(t.Context(), prompt.Question{Key: "port"}); err == nil {
		t.Error("an unexpected question is answered")
	}
	if _, err := s.Confirm(t.Context(), "Sure?", true); err == nil {
		t.Error("an unexpected confirmation is answered")
	}
	want := []string{
		`nobody expected to be asked for "port"`,
		`nobody expected to be asked for "Sure?"`,
		`nobody asked for the scripted answer to "a"`,
		`nobody asked for the scripted answer to "b"`,
	}
	if got := r.end(); !slices.Equal(got, want) {
		t.Errorf("the test failed with %q, want %q", got, want)
	}
}

func TestScriptedAnswerIsChecked(t *testing.T) {
	t.Parallel()
	s := prompttest.Script(t, map[string]string{"port": "x", "Sure?": "maybe"})
	refuse := func(answer string) error { return fmt.Errorf("%s is no port", answer) }
	_, err := s.Ask(t.Context(), prompt.Question{Key: "port", Check: refuse})
	if err == nil || !strings.Contains(err.Error(), "x is no port") {
		t.Errorf("a wrong answer: %v", err)
	}
	if _, err := s.Confirm(t.Context(), "Sure?", true); err == nil {
		t.Error("maybe is an answer to yes or no")
	}
}

func TestScriptedInterrupt(t *testing.T) {
	t.Parallel()
	s := prompttest.Script(t, map[string]string{"port": prompttest.Interrupt, "name": "x", "Sure?": prompttest.Interrupt})
	if _, err := s.Ask(t.Context(), prompt.Question{Key: "port"}); !errors.Is(err, prompt.ErrInterrupted) {
		t.Errorf("Ask: %v", err)
	}
	if _, err := s.Confirm(t.Context(), "Sure?", true); !errors.Is(err, prompt.ErrInterrupted) {
		t.Errorf("Confirm: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Ask(ctx, prompt.Question{Key: "name"}); !errors.Is(err, prompt.ErrInterrupted) {
		t.Errorf("Ask after the context's end: %v", err)
	}
}
