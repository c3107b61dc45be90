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
	"strings"

	"github.com/mcpauth/mcpauth/internal/run"
)

// ErrNoTool says that a program which the check needs is not on the PATH: nothing is known about the project.
var ErrNoTool = errors.New("the program is not on the PATH")

// A BrokenError says that the project itself is at fault: it does not build, or a test fails.
type BrokenError struct{ Text string }

func (e BrokenError) Error() string { return e.Text }

const fetching = "fetching modules"

// A Step is one thing to run in a project's directory before its server is started.
type Step struct {
	Name string // for progress: "building"
	Args []string
}

// GoSteps returns the steps for a Go module, the last of which builds the server as the file binary. The first is about
// the machine, not the project: it fails when modules are neither in the cache nor within reach.
func GoSteps(binary string) []Step {
	return []Step{
		{fetching, []string{"go", "mod", "download"}},
		{"vetting", []string{"go", "vet", "./..."}},
		{"running the tests", []string{"go", "test", "./..."}},
		{"building", []string{"go", "build", "-o", binary, "."}},
	}
}

// Run runs the step in dir, with temporary files below scratch. Its error is a BrokenError with what the tool printed, or says
// why the step could not be run.
func (s Step) Run(ctx context.Context, dir, scratch string) error {
	temporary := filepath.Join(scratch, "go-tmp")
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	result, err := run.Output(ctx, run.Command{
		Path: s.Args[0],
		Args: s.Args[1:],
		Dir:  dir,
		Env:  run.Environment(os.Environ(), []string{"GOWORK=off", "GOTMPDIR=" + temporary}),
	})
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s: %w: %s", s.Name, ErrNoTool, s.Args[0])
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	if result.ExitCode == 0 {
		return nil
	}
	if s.Name == fetching {
		return fmt.Errorf("%s: %s", s.Name, strings.TrimSpace(string(result.Stderr)))
	}
	return BrokenError{fmt.Sprintf("%s: %s ended with code %d:\n%s", s.Name, strings.Join(s.Args, " "), result.ExitCode,
		strings.TrimSpace(string(result.Stdout)+string(result.Stderr)))}
}
