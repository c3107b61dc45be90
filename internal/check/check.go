// Package check proves that a project keeps its promises: it builds, its tests pass, and the server it makes keeps
// the contract against a throwaway authorization server. It writes outside the project's directory only.
package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/templates"
)

// ErrNoTool says that a program which the check needs is not on the PATH, or too old: nothing is known about the project.
var ErrNoTool = errors.New("a program that is needed is missing")

// A BrokenError says that the project itself is at fault: it does not build, or a test fails.
type BrokenError struct{ Text string }

func (e BrokenError) Error() string { return e.Text }

// A Workshop is where a project is built: its directory, which is only read, and one for everything that is made.
type Workshop struct {
	Stack   templates.Stack
	Dir     string
	Scratch string
	Kept    string // what Keep has made; empty for a stack that keeps nothing
}

// Build runs the steps in order, up to the first that fails. begin is called with the name of each, and what it returns at its end.
func (w Workshop) Build(ctx context.Context, steps []templates.Step, begin func(name string) (end func())) error {
	for _, step := range steps {
		end := begin(step.Name)
		err := w.Run(ctx, step)
		end()
		if err != nil {
			return err
		}
	}
	return nil
}

// Run runs a step of the stack. Its error is a BrokenError with what the tool printed, or says why the step could not be run.
func (w Workshop) Run(ctx context.Context, step templates.Step) error {
	temporary := filepath.Join(w.Scratch, "tmp")
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return fmt.Errorf("%s: %w", step.Name, err)
	}
	args := w.Command(step.Run)
	result, err := run.Output(ctx, run.Command{
		Path: args[0],
		Args: args[1:],
		Dir:  w.Dir,
		Env:  w.environment([]string{"TMPDIR=" + temporary, "TMP=" + temporary, "TEMP=" + temporary}),
	})
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s: %w: %s", step.Name, ErrNoTool, args[0])
	}
	if err != nil {
		return fmt.Errorf("%s: %w", step.Name, err)
	}
	switch {
	case result.ExitCode == 0:
		return nil
	case step.Looks:
		return fmt.Errorf("%s: %w: %s", step.Name, ErrNoTool, strings.TrimSpace(string(result.Stderr)))
	case step.Fetches:
		return fmt.Errorf("%s: %s", step.Name, strings.TrimSpace(string(result.Stderr)))
	}
	return BrokenError{fmt.Sprintf("%s: %s ended with code %d:\n%s", step.Name, strings.Join(args, " "), result.ExitCode,
		strings.TrimSpace(string(result.Stdout)+string(result.Stderr)))}
}

// Command puts the directories into a command of the stack.
func (w Workshop) Command(words []string) []string {
	programs := filepath.Join(w.Kept, "bin")
	if runtime.GOOS == "windows" {
		programs = filepath.Join(w.Kept, "Scripts") // of a Python environment
	}
	fill := strings.NewReplacer("{project}", absolute(w.Dir), "{scratch}", w.Scratch, "{kept}/bin", programs, "{kept}", w.Kept)
	filled := make([]string, len(words))
	for i, word := range words {
		filled[i] = fill.Replace(word)
	}
	return filled
}

// absolute returns dir as other working directories have it; dir itself where the own one is gone.
func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

// environment is what a command of the stack needs of this process's environment, and variables.
func (w Workshop) environment(variables []string) []string {
	return append(run.Environment(os.Environ(), w.Stack.Env), variables...)
}
