package cmd

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
)

// testRetrofit runs the person's tests of what the change reaches, and returns what there is to say of them. Tests that fail
// without the change, too, or do not always fail, are not its fault; others are an error.
func testRetrofit(ctx context.Context, o retrofitOptions, proof check.GoModule, m *gosource.Module, change plan.Plan) (notes []string, err error) {
	if o.noTests {
		return nil, nil
	}
	var reached []string
	for _, pattern := range affected(change) {
		reached = append(reached, path.Join(m.Path, pattern))
	}
	packages, err := proof.Tested(ctx, reached)
	if err != nil || len(packages) == 0 {
		return nil, err
	}
	failed, err := proof.Tests(ctx, packages, true)
	if err == nil && len(failed) == 0 {
		return []string{"your tests pass with it: " + strings.Join(some(packages), ", ")}, nil
	}
	var ours []check.TestFailure
	if err == nil {
		ours, err = onlyPatched(ctx, proof, failed)
	}
	switch {
	case errors.Is(err, check.ErrTestLimit):
		return nil, hinted{err, "--no-tests leaves them out"}
	case err != nil:
		return nil, err
	case len(ours) > 0:
		return nil, hinted{check.BrokenError{Text: brokenTests(ours)}, "--dry-run --no-tests prints the change; --no-tests leaves them out"}
	}
	var names []string
	for _, f := range failed {
		names = append(names, f.String())
	}
	return []string{"tests of yours fail, and not because of it: " + strings.Join(some(names), ", ")}, nil
}

// onlyPatched returns those of the failures that do not come without the change, and come again with it.
func onlyPatched(ctx context.Context, proof check.GoModule, failed []check.TestFailure) ([]check.TestFailure, error) {
	before, err := proof.Tests(ctx, packagesOf(failed), false)
	ours := check.Only(failed, before)
	if err != nil || len(ours) == 0 {
		return nil, err
	}
	again, err := proof.Tests(ctx, packagesOf(ours), true)
	return check.Both(ours, again), err
}

func packagesOf(failures []check.TestFailure) []string {
	var packages []string
	for i, f := range failures { // sorted by package
		if i == 0 || f.Package != failures[i-1].Package {
			packages = append(packages, f.Package)
		}
	}
	return packages
}

// brokenTests shows the tests that only fail with the change, the first of them with the end of their output.
func brokenTests(failures []check.TestFailure) string {
	const shown = 5
	var b strings.Builder
	b.WriteString("tests that pass as the code is fail with the change:")
	for i, f := range failures {
		if i == shown {
			fmt.Fprintf(&b, "\n  and %d more", len(failures)-shown)
			break
		}
		b.WriteString("\n  " + f.String())
		for _, line := range f.Output {
			b.WriteString("\n      " + line)
		}
	}
	return b.String()
}
