// Package prompttest plays the person at a prompt: from a script, or, except on Windows, on a pseudo-terminal.
// Only tests use it.
package prompttest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/prompt"
)

// Interrupt is a scripted answer: the person presses Ctrl-C.
const Interrupt = "\x03"

// Scripted is a [prompt.Prompter] that answers from a script. A question that the script does not
// know fails the test at once, an answer that nobody asked for fails it at its end.
type Scripted struct {
	// Asked are the questions so far, in order.
	Asked []prompt.Question

	t       testing.TB
	answers map[string]string
	unused  map[string]string
}

// Script returns a prompter with an answer for each question, by its key, and for each
// confirmation, by its label ("yes" or "no"). An empty answer takes the default.
func Script(t testing.TB, answers map[string]string) *Scripted {
	s := &Scripted{t: t, answers: answers, unused: maps.Clone(answers)}
	t.Cleanup(func() {
		for _, key := range slices.Sorted(maps.Keys(s.unused)) {
			t.Errorf("nobody asked for the scripted answer to %q", key)
		}
	})
	return s
}

// Ask returns the scripted answer to q.Key. It is an error when q.Check refuses it.
func (s *Scripted) Ask(ctx context.Context, q prompt.Question) (string, error) {
	s.t.Helper()
	s.Asked = append(s.Asked, q)
	answer, err := s.take(ctx, q.Key)
	if err != nil {
		return "", err
	}
	if answer == "" {
		answer = q.Default
	}
	if q.Check != nil {
		if err := q.Check(answer); err != nil {
			return "", fmt.Errorf("scripted answer to %s: %w", q.Key, err)
		}
	}
	return answer, nil
}

// Confirm returns the scripted answer to label.
func (s *Scripted) Confirm(ctx context.Context, label string, def bool) (bool, error) {
	s.t.Helper()
	answer, err := s.take(ctx, label)
	if err != nil {
		return false, err
	}
	switch answer {
	case "":
		return def, nil
	case "yes", "no":
		return answer == "yes", nil
	}
	return false, fmt.Errorf("scripted answer to %q: %q is neither yes nor no", label, answer)
}

// Choose returns the index of the option that begins with the scripted answer to label.
func (s *Scripted) Choose(ctx context.Context, label string, options []string) (int, error) {
	s.t.Helper()
	answer, err := s.take(ctx, label)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(options, func(option string) bool { return strings.HasPrefix(option, answer) })
	if i < 0 {
		return 0, fmt.Errorf("scripted answer to %q: %q is none of %q", label, answer, options)
	}
	return i, nil
}

func (s *Scripted) take(ctx context.Context, key string) (string, error) {
	s.t.Helper()
	answer, ok := s.answers[key]
	if !ok {
		s.t.Errorf("nobody expected to be asked for %q", key)
		return "", fmt.Errorf("unexpected question %q", key)
	}
	delete(s.unused, key)
	if answer == Interrupt || ctx.Err() != nil {
		return "", prompt.ErrInterrupted
	}
	return answer, nil
}
