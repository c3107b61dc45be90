package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mcpauth/mcpauth/internal/plan"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// A module that builds only in its workspace is proved with a go.mod that replaces the workspace's other modules by their
// directories, because the go command takes no -modfile in a workspace. Then it is built once more, in a copy of go.work.

// A neighbour is another module of the workspace.
type neighbour struct {
	path, dir string
	sum       []byte
}

// neighbours reads the workspace.
func (m GoModule) neighbours() (*modfile.WorkFile, []neighbour, error) {
	work, err := m.workFile()
	if err != nil {
		return nil, nil, err
	}
	var list []neighbour
	for _, use := range work.Use {
		if use.Path == m.Dir {
			continue
		}
		files, err := readModuleFiles(filepath.Join(use.Path, "go"))
		if err != nil {
			return nil, nil, err
		}
		list = append(list, neighbour{modfile.ModulePath(files.Mod), use.Path, files.Sum})
	}
	return work, list, nil
}

// workFile reads go.work, and makes its paths absolute.
func (m GoModule) workFile() (*modfile.WorkFile, error) {
	content, err := os.ReadFile(m.Workspace)
	if err != nil {
		return nil, fmt.Errorf("reading the workspace: %w", err)
	}
	work, err := modfile.ParseWork(m.Workspace, content, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the workspace: %w", err)
	}
	for _, use := range slices.Clone(work.Use) {
		dir := m.fromWorkspace(use.Path)
		if err := errors.Join(work.DropUse(use.Path), work.AddUse(dir, "")); err != nil {
			return nil, fmt.Errorf("reading the workspace: %w", err)
		}
	}
	for _, r := range slices.Clone(work.Replace) {
		if r.New.Version == "" {
			if err := work.AddReplace(r.Old.Path, r.Old.Version, m.fromWorkspace(r.New.Path), ""); err != nil {
				return nil, fmt.Errorf("reading the workspace: %w", err)
			}
		}
	}
	work.Cleanup()
	return work, nil
}

func (m GoModule) fromWorkspace(path string) string {
	if path = filepath.FromSlash(path); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(m.Workspace), path)
}

// standIn returns the module's files with the workspace's other modules in them.
func (m GoModule) standIn(own ModuleFiles) (ModuleFiles, error) {
	work, others, err := m.neighbours()
	if err != nil {
		return own, err
	}
	f, err := modfile.Parse("go.mod", own.Mod, nil)
	if err != nil {
		return own, fmt.Errorf("reading go.mod: %w", err)
	}
	for _, r := range work.Replace {
		err = errors.Join(err, f.AddReplace(r.Old.Path, r.Old.Version, r.New.Path, r.New.Version))
	}
	sums := [][]byte{own.Sum}
	for _, o := range others {
		if !slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return r.Mod.Path == o.path }) {
			_, major, _ := module.SplitPathVersion(o.path)
			err = errors.Join(err, f.AddRequire(o.path, module.ZeroPseudoVersion(module.PathMajorPrefix(major))))
		}
		err = errors.Join(err, f.AddReplace(o.path, "", o.dir, ""))
		sums = append(sums, o.sum)
	}
	if err != nil {
		return own, fmt.Errorf("writing go.mod for the build: %w", err)
	}
	shared, err := os.ReadFile(m.Workspace + ".sum")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return own, fmt.Errorf("reading the workspace: %w", err)
	}
	f.Cleanup()
	return ModuleFiles{modfile.Format(f.Syntax), bytes.Join(append(sums, shared), nil)}, nil
}

// requireInWorkspace is Require. It leaves the module as untidy as a module is that needs its workspace.
func (m GoModule) requireInWorkspace(ctx context.Context, now ModuleFiles, p plan.Plan, wanted []module.Version) (ModuleFiles, error) {
	start, err := m.standIn(now)
	if err != nil {
		return now, err
	}
	if err := m.require(ctx, now, packageQueries(p, wanted)); err != nil {
		return now, err
	}
	end, err := readModuleFiles(filepath.Join(m.Scratch, "alternative"))
	if err != nil {
		return now, err
	}
	own, err := transfer(now, start, end, imported(p))
	if err == nil {
		err = m.writeModFiles("own", own)
	}
	return own, err
}

// packageQueries asks for the packages that the plan's files import of the wanted modules, so that go.sum gets what
// these need in turn, and for the modules of which they import none.
func packageQueries(p plan.Plan, wanted []module.Version) []string {
	list := queries(wanted)
	for _, path := range imported(p) {
		for _, w := range wanted {
			if within(path, w.Path) {
				list = append(list, path+"@"+w.Version)
			}
		}
	}
	return list
}

// imported returns what the plan's Go files import, sorted.
func imported(p plan.Plan) []string {
	var list []string
	for _, op := range p.Ops {
		f, err := parser.ParseFile(token.NewFileSet(), op.Path, op.Content, parser.ImportsOnly)
		if err != nil {
			continue // no Go file
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// within reports whether a package may be of a module.
func within(pkg, module string) bool { return pkg == module || strings.HasPrefix(pkg, module+"/") }

// transfer makes the difference between two states of the stand-in in the module's own files.
func transfer(own, start, end ModuleFiles, imports []string) (ModuleFiles, error) {
	var parsed []*modfile.File
	for _, f := range []ModuleFiles{own, start, end} {
		mod, err := modfile.Parse("go.mod", f.Mod, nil)
		if err != nil {
			return own, fmt.Errorf("reading go.mod: %w", err)
		}
		parsed = append(parsed, mod)
	}
	f, from, to := parsed[0], parsed[1], parsed[2]
	for _, r := range to.Require {
		if slices.ContainsFunc(from.Require, func(old *modfile.Require) bool { return old.Mod == r.Mod }) {
			continue
		}
		direct := slices.ContainsFunc(imports, func(path string) bool { return within(path, r.Mod.Path) })
		if slices.ContainsFunc(f.Require, func(old *modfile.Require) bool { return old.Mod.Path == r.Mod.Path }) {
			if err := f.AddRequire(r.Mod.Path, r.Mod.Version); err != nil {
				return own, fmt.Errorf("writing go.mod: %w", err)
			}
		} else {
			f.AddNewRequire(r.Mod.Path, r.Mod.Version, !direct)
		}
	}
	if to.Go != nil && (from.Go == nil || from.Go.Version != to.Go.Version) {
		if err := f.AddGoStmt(to.Go.Version); err != nil {
			return own, fmt.Errorf("writing go.mod: %w", err)
		}
	}
	f.SetRequireSeparateIndirect(slices.Clone(f.Require))
	f.Cleanup()
	known := make(map[string]bool)
	for line := range bytes.Lines(start.Sum) {
		known[string(line)] = true
	}
	sum := bytes.Clone(own.Sum)
	for line := range bytes.Lines(end.Sum) {
		if !known[string(line)] {
			sum = append(sum, line...)
		}
	}
	return ModuleFiles{modfile.Format(f.Syntax), sum}, nil
}

// buildInWorkspace builds the module as its owner does.
func (m GoModule) buildInWorkspace(ctx context.Context, p plan.Plan) error {
	files, err := m.required()
	if err != nil {
		return err
	}
	work, err := m.workFile()
	if err != nil {
		return err
	}
	name := filepath.Join(m.Scratch, "copy.work")
	err = os.WriteFile(name, modfile.Format(work.Syntax), 0o600)
	if shared, readErr := os.ReadFile(m.Workspace + ".sum"); err == nil && readErr == nil {
		err = os.WriteFile(name+".sum", shared, 0o600)
	}
	if err != nil {
		return fmt.Errorf("copying the workspace: %w", err)
	}
	ops := append(slices.Clone(p.Ops), plan.Op{Action: plan.Overwrite, Path: "go.mod", Content: files.Mod}, plan.Op{Action: plan.Overwrite, Path: "go.sum", Content: files.Sum})
	overlay, err := m.overlay("work", ops)
	if err != nil {
		return err
	}
	m.Workspace = name
	return m.step(ctx, "building in the workspace", []string{"build", "-o", os.DevNull, "-overlay=" + overlay, "./..."})
}
