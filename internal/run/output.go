package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// Result is what a program that ran to its end left behind.
type Result struct {
	Stdout, Stderr []byte
	// ExitCode is -1 when a signal ended the program.
	ExitCode int
}

// Output runs a program to its end. An exit code other than 0 is no error; not being able to run it, or
// ctx ending first, is. Output and LogLimit of the command are not used.
func Output(ctx context.Context, c Command) (Result, error) {
	var stdout, stderr bytes.Buffer
	cmd := newCmd(ctx, c)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	result := Result{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), ExitCode: cmd.ProcessState.ExitCode()}
	if ctx.Err() != nil {
		return result, fmt.Errorf("running %s: %w", c.Path, ctx.Err())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return result, fmt.Errorf("running %s: %w", c.Path, err)
	}
	return result, nil
}
