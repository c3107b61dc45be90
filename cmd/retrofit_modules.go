package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"golang.org/x/mod/module"
)

// sdkRelease chooses the release of the SDK, and returns what go.mod lacks for it.
func sdkRelease(m *gosource.Module, o retrofitOptions, endpoint gopatch.Endpoint) (gopatch.Release, []module.Version, error) {
	releases, err := generator.Releases(endpoint.Traits())
	if err != nil {
		return gopatch.Release{}, nil, err
	}
	goMod, err := os.ReadFile(filepath.Join(m.Dir, "go.mod"))
	if err != nil {
		return gopatch.Release{}, nil, fmt.Errorf("reading the module: %w", err)
	}
	return gopatch.ChooseRelease(goMod, releases, o.allowUpgrades)
}

// moves returns what changes in go.mod, and refuses what may not.
func (o retrofitOptions) moves(before, after check.ModuleFiles) ([]gopatch.Move, error) {
	moves, err := gopatch.Moves(before.Mod, after.Mod)
	if err == nil && !o.allowUpgrades {
		err = gopatch.Allowed(moves)
	}
	return moves, err
}

// moduleNotes says what becomes of go.mod, and what the release of the SDK cannot do.
func moduleNotes(release gopatch.Release, moves []gopatch.Move) []string {
	var notes []string
	for _, m := range moves {
		notes = append(notes, "go.mod: "+m.String())
	}
	if release.Lacks != "" {
		notes = append(notes, "the endpoint lacks "+release.Lacks+"; with --allow-upgrades, which moves go.mod to newer versions, it does not")
	}
	return notes
}

// vendor returns what becomes of vendor/, where the module has one.
func vendor(ctx context.Context, m *gosource.Module, proof check.GoModule, change plan.Plan) ([]plan.Op, error) {
	if !m.Vendored {
		return nil, nil
	}
	ops, err := proof.Vendor(ctx, change)
	if changed, ok := errors.AsType[check.VendorError](err); ok {
		return nil, &gopatch.Refusal{Code: gopatch.CodeVendor, Position: changed.Path, Reason: changed.Reason}
	}
	return ops, err
}

func moduleOps(before, after check.ModuleFiles) []plan.Op {
	var ops []plan.Op
	for _, f := range []struct {
		name, reason string
		old, new     []byte
	}{
		{"go.mod", "what the endpoint needs", before.Mod, after.Mod},
		{"go.sum", "their checksums", before.Sum, after.Sum},
	} {
		op := plan.Op{Action: plan.Create, Path: f.name, Mode: 0o644, Content: f.new, Reason: f.reason}
		if f.old != nil {
			prior := plan.Sum(f.old)
			op.Action, op.Prior = plan.Overwrite, &prior
		}
		if string(f.old) != string(f.new) {
			ops = append(ops, op)
		}
	}
	return ops
}
