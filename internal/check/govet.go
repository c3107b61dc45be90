package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/plan"
	"golang.org/x/mod/modfile"
)

// vet vets packages of the module. Vet runs in the directory of each package and of those that it imports, and an overlay makes
// no directory: the added packages are written to the scratch directory, as a module that takes their place.
func (m GoModule) vet(ctx context.Context, p plan.Plan, patterns []string) error {
	added := func(op plan.Op) bool { return strings.HasPrefix(op.Path, m.Added+"/") }
	files, err := readModuleFiles(filepath.Join(m.Scratch, "alternative"))
	if err != nil {
		return err
	}
	overlay, err := m.overlay("vet", slices.DeleteFunc(slices.Clone(p.Ops), added))
	if err == nil {
		err = m.writeAdded(slices.DeleteFunc(slices.Clone(p.Ops), func(op plan.Op) bool { return !added(op) }), files)
	}
	if err != nil {
		return fmt.Errorf("preparing to vet: %w", err)
	}
	args := []string{"vet", "-mod=mod", "-modfile=" + filepath.Join(m.Scratch, "vet.mod"), "-overlay=" + overlay}
	err = m.step(ctx, "vetting", append(args, patterns...))
	if broken, ok := errors.AsType[BrokenError](err); ok && m.complains(ctx, patterns, complaints(broken.Text)) {
		return nil
	}
	return err
}

// complains reports whether vet has all those complaints about the packages as they are, too.
func (m GoModule) complains(ctx context.Context, patterns, expected []string) bool {
	args := []string{"vet", "-mod=mod", "-modfile=" + m.alternative("mod")}
	err := m.step(ctx, "vetting it as it is", append(args, patterns...))
	broken, ok := errors.AsType[BrokenError](err)
	own := complaints(broken.Text)
	return ok && len(expected) > 0 && !slices.ContainsFunc(expected, func(c string) bool { return !slices.Contains(own, c) })
}

// complaints returns what vet says, without the places, which a change of the file moves.
func complaints(said string) []string {
	var list []string
	for line := range strings.Lines(said) {
		switch place, complaint, ok := strings.Cut(line, ": "); {
		case strings.HasPrefix(line, "#"):
		case ok && strings.Contains(place, ".go:"):
			list = append(list, complaint)
		case place == "vet": // a type error
			list = append(list, line)
		}
	}
	return list
}

// writeAdded writes the added packages, and the go.mod with which the module finds them.
func (m GoModule) writeAdded(ops []plan.Op, files ModuleFiles) error {
	dir := filepath.Join(m.Scratch, "added")
	for _, op := range ops {
		name := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(op.Path, m.Added+"/")))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, op.Content, 0o600); err != nil {
			return err
		}
	}
	outer, err := modfile.Parse("go.mod", files.Mod, nil)
	if err != nil {
		return err
	}
	inner, err := modfile.Parse("go.mod", files.Mod, nil)
	if err != nil {
		return err
	}
	name := path.Join(outer.Module.Mod.Path, m.Added)
	err = inner.AddModuleStmt(name)
	if err == nil {
		err = outer.AddRequire(name, "v0.0.0")
	}
	if err == nil {
		err = outer.AddReplace(name, "", dir, "")
	}
	if err != nil {
		return err
	}
	for path, content := range map[string][]byte{
		filepath.Join(dir, "go.mod"):        modfile.Format(inner.Syntax),
		filepath.Join(m.Scratch, "vet.mod"): modfile.Format(outer.Syntax),
		filepath.Join(m.Scratch, "vet.sum"): files.Sum,
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
