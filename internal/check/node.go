package check

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/internal/run"
)

// nodeProbe reads source on stdin with the parser of Node.js.
//
//go:embed node_probe.js
var nodeProbe string

// NodeAgrees has node, where there is one, parse the source of a claim. The note says why nobody was asked: only newer releases
// of Node.js read TypeScript. The error is a Refusal where Node.js takes the source without the change and not with it.
func NodeAgrees(ctx context.Context, claim script.Claim) (note string, err error) {
	said, err := askNode(ctx, claim.Form, claim.Source)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "node is not on the PATH: the result was read by mcpauth alone", nil
	case err != nil:
		return "", err
	case said == "parsed":
		return "", nil
	case said == "unable" || said == "":
		return "the Node.js here reads no TypeScript: the result was read by mcpauth alone", nil
	}
	if own, err := askNode(ctx, claim.Form, claim.Before); err != nil || own != "parsed" {
		return "", errors.Join(err, &refusal.Refusal{Code: refusal.CodeBuild, Position: claim.Position, Reason: "Node.js does not take the file as it is: " + own})
	}
	return "", &refusal.Refusal{
		Code: refusal.CodeShape, Position: claim.Position, Reason: "Node.js does not take the result: " + said, ByHand: claim.ByHand,
	}
}

// askNode returns the first line of what the probe says of source.
func askNode(ctx context.Context, form string, source []byte) (string, error) {
	result, err := run.Output(ctx, run.Command{
		Path:  "node",
		Args:  []string{"--no-warnings", "--experimental-vm-modules", "-e", nodeProbe, form},
		Env:   run.Environment(os.Environ(), nil), // which has no NODE_OPTIONS
		Input: bytes.NewReader(source),
	})
	said, _, _ := strings.Cut(strings.TrimSpace(string(result.Stdout)), "\n")
	return said, err
}
