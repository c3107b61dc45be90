package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// A VendorError says why vendor/ cannot be kept up to date.
type VendorError struct{ Path, Reason string }

func (e VendorError) Error() string { return e.Path + ": " + e.Reason }

// Vendored returns what go mod vendor makes of the module as it is, by path. It fetches all modules that the module
// needs, which a vendored one can do without otherwise. The error is a VendorError where go.mod lacks what it takes.
func (m GoModule) Vendored(ctx context.Context) (map[string][]byte, error) {
	now, err := m.Files()
	if err == nil {
		err = m.writeModFiles("before", now)
	}
	if err != nil {
		return nil, err
	}
	files, err := m.vendored(ctx, "before")
	if failed, ok := errors.AsType[FetchError](err); ok && strings.Contains(failed.Text, "updates to go.mod needed") {
		return nil, VendorError{"go.mod", "go mod vendor does not take it as it is: run go mod tidy and go mod vendor first"}
	}
	return files, err
}

// Vendor returns what becomes of vendor/ with the plan and the go.mod that Prove has left, and proves that the module
// builds from it. Of vendor/ only that changes which go mod vendor makes another than before: what the person has changed
// or left out there stays so, and a VendorError says where both would change one file.
func (m GoModule) Vendor(ctx context.Context, p plan.Plan, before map[string][]byte) ([]plan.Op, error) {
	after, err := m.vendored(ctx, "alternative", "-overlay="+m.overlaid("build"))
	if err != nil {
		return nil, err
	}
	ops, err := m.vendorOps(before, after)
	if err == nil {
		err = m.buildVendored(ctx, append(slices.Clone(p.Ops), ops...))
	}
	return ops, err
}

// vendored is what go mod vendor makes of a go.mod, by path.
func (m GoModule) vendored(ctx context.Context, stem string, flags ...string) (map[string][]byte, error) {
	dir := filepath.Join(m.Scratch, "vendor-"+stem)
	args := append([]string{"mod", "vendor", "-modfile=" + filepath.Join(m.Scratch, stem+".mod"), "-o", dir}, flags...)
	if err := fetching(m.step(ctx, "vendoring", args)); err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[path.Join("vendor", name)], err = os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil // no dependencies, no directory
	}
	return files, err
}

func (m GoModule) vendorOps(before, after map[string][]byte) ([]plan.Op, error) {
	names := maps.Clone(before)
	maps.Copy(names, after)
	var ops []plan.Op
	for _, name := range slices.Sorted(maps.Keys(names)) {
		old, had := before[name]
		content, has := after[name]
		if had == has && bytes.Equal(old, content) {
			continue
		}
		is, err := os.ReadFile(filepath.Join(m.Dir, filepath.FromSlash(name)))
		there := !errors.Is(err, fs.ErrNotExist)
		switch {
		case there && err != nil:
			return nil, err
		case there != had || !bytes.Equal(is, old):
			return nil, VendorError{name, "it is not what go mod vendor makes of go.mod: run go mod vendor first"}
		}
		op := plan.Op{Action: plan.Create, Path: name, Mode: 0o644, Content: content, Reason: "a package that the endpoint needs"}
		if had {
			prior := plan.Sum(old)
			op.Action, op.Prior, op.Reason = plan.Overwrite, &prior, "as its module is now"
		}
		if !has {
			op.Action, op.Content, op.Reason = plan.Delete, nil, "no longer needed"
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// buildVendored builds the module from vendor/. The go command reads modules.txt in there from the disk alone, whatever
// the overlay says: the module is built at another place, where that list and go.mod are, and all else is laid over.
func (m GoModule) buildVendored(ctx context.Context, ops []plan.Op) error {
	root := filepath.Join(m.Scratch, "vendored")
	replace, err := m.sources(root)
	if err == nil {
		err = m.stage(root, ops)
	}
	if err != nil {
		return fmt.Errorf("preparing to build from vendor: %w", err)
	}
	laid, err := m.lay("vendored", root, slices.DeleteFunc(slices.Clone(ops), func(op plan.Op) bool { return op.Path == modulesList }))
	if err != nil {
		return err
	}
	maps.Copy(replace, laid)
	overlay, err := m.writeOverlay("vendored", replace)
	if err != nil {
		return err
	}
	m.Dir = root
	return m.step(ctx, "building from vendor", []string{"build", "-o", os.DevNull, "-mod=vendor", "-overlay=" + overlay, "./..."})
}

const modulesList = "vendor/modules.txt"

// stage writes to root what the go command wants on the disk.
func (m GoModule) stage(root string, ops []plan.Op) error {
	list, err := os.ReadFile(filepath.Join(m.Dir, filepath.FromSlash(modulesList)))
	if i := slices.IndexFunc(ops, func(op plan.Op) bool { return op.Path == modulesList }); i >= 0 {
		list, err = ops[i].Content, nil
	}
	if err != nil {
		return err
	}
	files, err := m.required()
	if err != nil {
		return err
	}
	for _, op := range ops {
		at := filepath.Join(root, filepath.FromSlash(op.Path))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return err
		}
		if op.Action != plan.Delete && forOtherTools(op.Path) {
			if err := os.WriteFile(at, op.Content, 0o600); err != nil {
				return err
			}
		}
	}
	return errors.Join(
		os.WriteFile(filepath.Join(root, "go.mod"), files.Mod, 0o600),
		os.WriteFile(filepath.Join(root, "go.sum"), files.Sum, 0o600),
		os.WriteFile(filepath.Join(root, filepath.FromSlash(modulesList)), list, 0o600),
	)
}

// sources lays every file of the module over its place below root, but for those that decide on its dependencies. It
// makes the directories, in which assemblers and C compilers run, and what these read: they know no overlay.
func (m GoModule) sources(root string) (map[string]string, error) {
	replace := make(map[string]string)
	err := fs.WalkDir(os.DirFS(m.Dir), ".", func(name string, entry fs.DirEntry, err error) error {
		from, to := filepath.Join(m.Dir, filepath.FromSlash(name)), filepath.Join(root, filepath.FromSlash(name))
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules"):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(to, 0o700)
		case name == "go.mod", name == "go.sum", name == modulesList:
			return nil
		}
		replace[to] = from
		if !forOtherTools(name) {
			return nil
		}
		content, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600)
	})
	return replace, err
}

// forOtherTools tells the files that the go command has others read.
func forOtherTools(name string) bool {
	endings := []string{".s", ".S", ".sx", ".h", ".hh", ".hpp", ".hxx", ".c", ".cc", ".cpp", ".cxx", ".m", ".inc"}
	return slices.Contains(endings, path.Ext(name))
}
