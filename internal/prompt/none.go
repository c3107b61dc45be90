package prompt

import (
	"context"
	"fmt"
)

// none is the prompter where there is nobody to ask.
type none struct{}

func (none) Ask(_ context.Context, q Question) (string, error) {
	return "", fmt.Errorf("asking for %s: %w", q.Key, ErrNoTerminal)
}

func (none) Choose(_ context.Context, label string, _ []string) (int, error) {
	return 0, fmt.Errorf("asking %q: %w", label, ErrNoTerminal)
}

func (none) Confirm(_ context.Context, label string, _ bool) (bool, error) {
	return false, fmt.Errorf("asking %q: %w", label, ErrNoTerminal)
}
