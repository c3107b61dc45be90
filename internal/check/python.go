package check

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/internal/run"
)

// pythonProbe reads source on stdin with the parser of Python. It runs none of it.
//
//go:embed python_probe.py
var pythonProbe string

// PythonAgrees has python3, where there is one, parse the source of a claim, and find what it claims. The note says why
// nobody was asked. The error is a Refusal where Python finds something else.
func PythonAgrees(ctx context.Context, claim script.Claim) (note string, err error) {
	said, err := askPython(ctx, claim.Source, strconv.Itoa(claim.Line), claim.Target, claim.Function)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "python3 is not on the PATH: the result was read by mcpauth alone", nil
	case err != nil:
		return "", err
	case said == "agreed":
		return "", nil
	case said == "":
		return "python3 could not be asked: the result was read by mcpauth alone", nil
	}
	own, err := askPython(ctx, claim.Before)
	switch {
	case err != nil:
		return "", err
	case tooOld(own):
		return "python3 does not read the file as it is, for which it may be too old (" + own + "): the result was read by mcpauth alone", nil
	case own != "parsed":
		return "", &refusal.Refusal{Code: refusal.CodeBuild, Reason: "python3 does not take the file as it is: " + own}
	}
	return "", &refusal.Refusal{
		Code: refusal.CodeShape, Position: claim.Position, Reason: "python3 reads the result in another way: " + said, ByHand: claim.ByHand,
	}
}

// tooOld says whether the probe speaks of a file that a Python does not parse with which the program cannot run anyway.
func tooOld(said string) bool {
	var minor int
	_, err := fmt.Sscanf(said, "Python 3.%d:", &minor)
	return err == nil && minor < leastPython
}

// leastPython is the least minor version of Python 3 that the files of the endpoint need.
const leastPython = 11

// askPython returns the first line of what the probe says of source.
func askPython(ctx context.Context, source []byte, args ...string) (string, error) {
	result, err := run.Output(ctx, run.Command{
		Path: "python3",
		// Nothing is imported but what comes with Python: no site, no directory, no variable of the person's.
		Args:  append([]string{"-I", "-S", "-B", "-X", "utf8", "-c", pythonProbe}, args...),
		Env:   run.Environment(os.Environ(), nil),
		Input: bytes.NewReader(source),
	})
	said, _, _ := strings.Cut(strings.TrimSpace(string(result.Stdout)), "\n")
	return said, err
}
