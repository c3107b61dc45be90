// Package check proves that a project keeps its promises: it builds, its tests pass, and the server it makes keeps
// the contract against a throwaway authorization server. It writes outside the project's directory only.
package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/mcpauth/mcpauth/internal/run"
)

// ErrNoTool says that a program which the check needs is not on the PATH: nothing is known about the project.
var ErrNoTool = errors.New("the program is not on the PATH")

// A Step is one thing to run in a project's directory before its server is started.
type Step struct {
	Name string // for progress: "building"
	Args []string
}

// GoSteps returns the steps for a Go module, the last of which builds the server as the file binary.
func GoSteps(binary string) []Step {
	return []Step{
		{"vetting", []string{"go", "vet", "./..."}},
		{"running the tests", []string{"go", "test", "./..."}},
		{"building", []string{"go", "build", "-o", binary, "."}},
	}
}

// Run runs the step in dir. Its error holds what the tool printed.
func (s Step) Run(ctx context.Context, dir string) error {
	result, err := run.Output(ctx, run.Command{
		Path: s.Args[0],
		Args: s.Args[1:],
		Dir:  dir,
		Env:  run.Environment(os.Environ(), []string{"GOWORK=off"}),
	})
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s: %w: %s", s.Name, ErrNoTool, s.Args[0])
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	if result.ExitCode != 0 {
		return fmt.Errorf("%s: %s ended with code %d:\n%s", s.Name, strings.Join(s.Args, " "), result.ExitCode,
			strings.TrimSpace(string(result.Stdout)+string(result.Stderr)))
	}
	return nil
}
