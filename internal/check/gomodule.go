package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/run"
	"golang.org/x/mod/module"
)

// A GoModule is a module that is built as a plan would make it, while its directory is only read.
type GoModule struct {
	Dir     string
	Scratch string
	// Workspace is the go.work without which the module does not build; empty where it does.
	Workspace string
	Added     string        // the directory below which the plan adds packages, relative to Dir and slash-separated
	TestLimit time.Duration // for Tests; zero means DefaultTestLimit
	Say       func(step string) (done func())
	Ran       func(command string, exitCode int) // called after each command; its scratch directory is shown as SCRATCH
}

// ModuleFiles are go.mod and go.sum. Sum is nil where there is none.
type ModuleFiles struct{ Mod, Sum []byte }

// Files reads the module's own.
func (m GoModule) Files() (ModuleFiles, error) { return readModuleFiles(filepath.Join(m.Dir, "go")) }

// readModuleFiles reads stem.mod and stem.sum.
func readModuleFiles(stem string) (f ModuleFiles, err error) {
	f.Mod, err = os.ReadFile(stem + ".mod")
	if err != nil {
		return f, fmt.Errorf("reading the module: %w", err)
	}
	f.Sum, err = os.ReadFile(stem + ".sum")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f, fmt.Errorf("reading the module: %w", err)
	}
	return f, nil
}

// Require returns the go.mod and go.sum with which the module, the plan's files laid over it, has the versions that it
// wants. The build may add to them what the module itself lacks: see [GoModule.Prove].
func (m GoModule) Require(ctx context.Context, p plan.Plan, wanted []module.Version) (ModuleFiles, error) {
	now, err := m.Files()
	if err != nil {
		return now, err
	}
	overlay, err := m.overlay("build", p.Ops)
	if err != nil {
		return now, err
	}
	if m.Workspace != "" {
		return m.requireInWorkspace(ctx, now, p, wanted)
	}
	if err := m.require(ctx, now, queries(wanted)); err != nil {
		return now, err
	}
	if err := m.tidy(ctx, overlay); err != nil {
		return now, err
	}
	return m.required()
}

func queries(wanted []module.Version) []string {
	var list []string
	for _, w := range wanted {
		list = append(list, w.String())
	}
	return list
}

// Prove builds the module as Require has left it, vets some of its packages, and returns the go.mod and go.sum that this
// took. The error is a BrokenError when the code is at fault.
func (m GoModule) Prove(ctx context.Context, p plan.Plan, vet []string) (ModuleFiles, error) {
	build := []string{"build", "-o", os.DevNull, "-mod=mod", "-modfile=" + m.alternative("mod"), "-overlay=" + m.overlaid("build"), "./..."}
	if err := m.step(ctx, "building", build); err != nil {
		return ModuleFiles{}, err
	}
	if err := m.vet(ctx, p, vet); err != nil {
		return ModuleFiles{}, err
	}
	if m.Workspace != "" {
		if err := m.buildInWorkspace(ctx, p); err != nil {
			return ModuleFiles{}, err
		}
	}
	return m.required()
}

// required reads what Require has made, and the build has added to.
func (m GoModule) required() (ModuleFiles, error) {
	stem := "alternative"
	if m.Workspace != "" {
		stem = "own"
	}
	return readModuleFiles(filepath.Join(m.Scratch, stem))
}

// Builds builds the module as it is.
func (m GoModule) Builds(ctx context.Context) error {
	return m.step(ctx, "building it as it is", []string{"build", "-o", os.DevNull, "./..."})
}

func (m GoModule) alternative(ext string) string { return filepath.Join(m.Scratch, "alternative."+ext) }

// writeModFiles writes stem.mod and stem.sum into the scratch directory.
func (m GoModule) writeModFiles(stem string, f ModuleFiles) error {
	stem = filepath.Join(m.Scratch, stem)
	err := os.WriteFile(stem+".mod", f.Mod, 0o600)
	if err == nil && f.Sum != nil {
		err = os.WriteFile(stem+".sum", f.Sum, 0o600)
	}
	if err != nil {
		return fmt.Errorf("copying go.mod: %w", err)
	}
	return nil
}

// require makes the alternative go.mod, with what go get adds for the queries.
func (m GoModule) require(ctx context.Context, now ModuleFiles, queries []string) (err error) {
	if m.Workspace != "" {
		now, err = m.standIn(now)
	}
	if err == nil {
		err = m.writeModFiles("alternative", now)
	}
	if err != nil || len(queries) == 0 {
		return err
	}
	args := []string{"get", "-modfile=" + m.alternative("mod")}
	return fetching(m.step(ctx, "fetching modules", append(args, queries...)))
}

// tidy keeps a module tidy that is. The others are left as they are, but for what the build adds.
func (m GoModule) tidy(ctx context.Context, overlay string) error {
	if err := m.step(ctx, "comparing go.mod with the code", []string{"mod", "tidy", "-diff"}); err != nil {
		return ctx.Err()
	}
	err := m.step(ctx, "fetching modules", []string{"mod", "tidy", "-modfile=" + m.alternative("mod"), "-overlay=" + overlay})
	return fetching(err)
}

// A FetchError says that modules could not be fetched: nothing is known about the code.
type FetchError struct{ Text string }

func (e FetchError) Error() string { return e.Text }

// fetching is the error of a step that needs the network.
func fetching(err error) error {
	if broken, ok := errors.AsType[BrokenError](err); ok {
		return FetchError(broken)
	}
	return err
}

// overlay writes the plan's files for the go command, and returns the name of the list of them.
func (m GoModule) overlay(purpose string, ops []plan.Op) (string, error) {
	replace, err := m.lay(purpose, m.Dir, ops)
	if err != nil {
		return "", err
	}
	return m.writeOverlay(purpose, replace)
}

// lay writes files of the plan, and returns their names by those that they take the places of below root.
func (m GoModule) lay(purpose, root string, ops []plan.Op) (map[string]string, error) {
	replace := make(map[string]string)
	for i, op := range ops {
		name := filepath.Join(m.Scratch, purpose+strconv.Itoa(i)+filepath.Ext(op.Path))
		if op.Action == plan.Delete {
			name = ""
		} else if err := os.WriteFile(name, op.Content, 0o600); err != nil {
			return nil, fmt.Errorf("writing for the build: %w", err)
		}
		replace[filepath.Join(root, filepath.FromSlash(op.Path))] = name
	}
	return replace, nil
}

// writeOverlay writes a list of files and of those that take their places; an empty name takes one away.
func (m GoModule) writeOverlay(purpose string, replace map[string]string) (string, error) {
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("writing for the build: %w", err)
	}
	name := m.overlaid(purpose)
	return name, os.WriteFile(name, list, 0o600)
}

// overlaid is the name of the list that overlay writes.
func (m GoModule) overlaid(purpose string) string { return filepath.Join(m.Scratch, purpose+".json") }

// work is the workspace that a command runs in: none with a go.mod that stands in for it.
func (m GoModule) work(args []string) string {
	if m.Workspace == "" || slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "-modfile=") }) {
		return "off"
	}
	return m.Workspace
}

func (m GoModule) note(args []string, exitCode int) {
	m.Ran(strings.ReplaceAll("go "+strings.Join(args, " "), m.Scratch, "SCRATCH"), exitCode)
}

func (m GoModule) step(ctx context.Context, name string, args []string) error {
	_, err := m.output(ctx, name, args)
	return err
}

// output is step, and what the command says besides errors.
func (m GoModule) output(ctx context.Context, name string, args []string) (string, error) {
	defer m.Say(name)()
	result, err := run.Output(ctx, run.Command{Path: "go", Args: args, Dir: m.Dir, Env: m.environment(args)})
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("%s: %w: go", name, ErrNoTool)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	m.note(args, result.ExitCode)
	if result.ExitCode != 0 {
		return "", BrokenError{fmt.Sprintf("%s: go %s ended with code %d:\n%s", name, args[0], result.ExitCode, strings.TrimSpace(string(result.Stderr)))}
	}
	return string(result.Stderr), nil
}
