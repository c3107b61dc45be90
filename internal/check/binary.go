package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// Binaries builds the program in a package twice, into the scratch directory: as it is, and as the plan makes it. The plan
// holds go.mod and go.sum where they change. Both have the name that the go command gives the program.
func (m GoModule) Binaries(ctx context.Context, p plan.Plan, pkg string) (before, after string, err error) {
	before, err = m.binary(ctx, "building the program as it is", "before", []string{"build"}, pkg)
	if err != nil {
		return "", "", err
	}
	files, err := m.Files()
	if err != nil {
		return "", "", err
	}
	code, files := split(p, files)
	overlay, err := m.overlay("binary", code)
	if err == nil {
		err = m.require(ctx, files, nil)
	}
	if err != nil {
		return "", "", err
	}
	build := []string{"build", "-mod=mod", "-modfile=" + m.alternative("mod"), "-overlay=" + overlay}
	after, err = m.binary(ctx, "building the patched program", "after", build, pkg)
	return before, after, err
}

// BuildsWith builds the module as the plan makes it. The plan holds go.mod and go.sum where they change.
func (m GoModule) BuildsWith(ctx context.Context, p plan.Plan) error {
	files, err := m.Files()
	if err != nil {
		return err
	}
	code, files := split(p, files)
	overlay, err := m.overlay("with", code)
	if err == nil {
		err = m.require(ctx, files, nil)
	}
	if err != nil {
		return err
	}
	return m.step(ctx, "building", []string{"build", "-o", os.DevNull, "-mod=mod", "-modfile=" + m.alternative("mod"), "-overlay=" + overlay, "./..."})
}

// split takes go.mod and go.sum out of the plan.
func split(p plan.Plan, files ModuleFiles) ([]plan.Op, ModuleFiles) {
	var code []plan.Op
	for _, op := range p.Ops {
		switch op.Path {
		case "go.mod":
			files.Mod = op.Content
		case "go.sum":
			files.Sum = op.Content
		default:
			code = append(code, op)
		}
	}
	return code, files
}

// binary builds into a directory of its own, where the go command chooses the name.
func (m GoModule) binary(ctx context.Context, step, name string, build []string, pkg string) (string, error) {
	dir := filepath.Join(m.Scratch, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("%s: %w", step, err)
	}
	if err := m.step(ctx, step, slices.Concat(build, []string{"-o", dir + string(filepath.Separator), pkg})); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) != 1 {
		err = errors.New("there is no program in " + pkg)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", step, err)
	}
	return filepath.Join(dir, entries[0].Name()), nil
}
