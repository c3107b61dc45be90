package cmd

import (
	"context"
	"errors"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/refusal"
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

// elsewhere says where the program serves if that is in another module; otherwise it returns the refusal.
func elsewhere(ctx context.Context, m *gosource.Module, survey *gopatch.Survey, refused error) error {
	r, ok := errors.AsType[*refusal.Refusal](refused)
	if !ok || r.Code != refusal.CodeNone || len(survey.Servers) > 0 {
		return refused
	}
	neighbours, err := gosource.Neighbours(ctx, m)
	if err != nil {
		return refused
	}
	for _, n := range neighbours {
		servers := gopatch.Find(n).Servers
		if len(servers) == 0 {
			continue
		}
		place := filepath.Join(n.Dir, filepath.FromSlash(servers[0].Sites[0].Position))
		if rel, err := filepath.Rel(m.Dir, place); err == nil {
			place = rel
		}
		return &refusal.Refusal{
			Code: refusal.CodeModule, Position: filepath.ToSlash(place),
			Reason: "the program serves in another module, " + n.Path + ", whose files are not this module's to change",
		}
	}
	return refused
}

// goModule is the module as it is built in a scratch directory.
func (p *program) goModule(o retrofitOptions, m *gosource.Module, scratch string) check.GoModule {
	module := check.GoModule{Dir: m.Dir, Scratch: scratch, Added: gopatch.Glue, Say: p.streams.Progress, Ran: o.ran.note}
	if !m.Alone {
		module.Workspace = m.Workspace
	}
	return module
}

// admitted refuses what the workspace does not allow: go.work and what is beside it are not the module's to change.
func admitted(m *gosource.Module, after check.ModuleFiles) error {
	if m.Workspace == "" {
		return nil
	}
	name, err := filepath.Rel(m.Dir, m.Workspace)
	if err != nil {
		name = m.Workspace
	}
	name = filepath.ToSlash(name)
	if list := filepath.Join(filepath.Dir(m.Workspace), "vendor", "modules.txt"); exists(list) {
		return &refusal.Refusal{
			Code: refusal.CodeWork, Position: name, Reason: "the workspace is vendored, outside of this module; take its vendor/ away, and after this:", ByHand: []string{"go work vendor"},
		}
	}
	content, err := os.ReadFile(m.Workspace)
	if err != nil {
		return fmt.Errorf("reading the workspace: %w", err)
	}
	has, needs, err := gopatch.GoLines(content, after.Mod)
	if err != nil || version.Compare("go"+has, "go"+needs) >= 0 {
		return err
	}
	return &refusal.Refusal{
		Code: refusal.CodeWork, Position: name, Reason: fmt.Sprintf("the workspace is at go %s, the module would be at %s; move it first:", has, needs),
		ByHand: []string{"go work edit -go=" + needs + " " + name},
	}
}

// moves returns what changes in go.mod, and refuses what may not.
func (o retrofitOptions) moves(before, after check.ModuleFiles) ([]gopatch.Move, error) {
	moves, err := gopatch.Moves(before.Mod, after.Mod)
	if err == nil && !o.allowUpgrades {
		err = gopatch.Allowed(moves)
	}
	return moves, err
}

// moduleNotes says what becomes of go.mod, and what that changes in the meaning of the code.
func moduleNotes(ctx context.Context, proof check.GoModule, moves []gopatch.Move) ([]string, error) {
	var notes, added []string
	for _, m := range moves {
		if m.From == "" && !m.Direct {
			added = append(added, m.What+" "+m.To)
		} else {
			notes = append(notes, "go.mod: "+m.String())
		}
	}
	if len(added) > 0 {
		notes = append(notes, "go.mod: new are "+strings.Join(added, ", "))
	}
	notes = append(notes, gopatch.Shifts(moves)...)
	if !gopatch.ShareLoops(moves) {
		return notes, nil
	}
	loops, err := proof.Loops(ctx)
	if len(loops) > 0 {
		notes = append(notes, "loops in which something outlives the round, and now holds that round's variable: "+strings.Join(loops, ", "))
	}
	return notes, err
}

// releaseNotes says what the release of the SDK cannot do.
func releaseNotes(r gopatch.Release) []string {
	if r.Lacks == "" {
		return nil
	}
	return []string{"the endpoint lacks " + r.Lacks + "; with --allow-upgrades, which moves go.mod to newer versions, it does not"}
}

// vendored returns what the go command would put into vendor/ now; nil where it takes no packages from there.
func vendored(ctx context.Context, m *gosource.Module, proof check.GoModule) (map[string][]byte, error) {
	if !m.Vendored || proof.Workspace != "" {
		return nil, nil
	}
	files, err := proof.Vendored(ctx)
	return files, unvendored(err)
}

// unvendored makes a refusal of a vendor/ that cannot be kept up to date.
func unvendored(err error) error {
	if v, ok := errors.AsType[check.VendorError](err); ok {
		return &refusal.Refusal{Code: refusal.CodeVendor, Position: v.Path, Reason: v.Reason}
	}
	return err
}

// vendor returns what becomes of vendor/, if that is in use.
func vendor(ctx context.Context, proof check.GoModule, change plan.Plan, before map[string][]byte) ([]plan.Op, error) {
	if before == nil {
		return nil, nil
	}
	ops, err := proof.Vendor(ctx, change, before)
	return ops, unvendored(err)
}

// unfetched says what to do about modules that could not be fetched.
func unfetched(err error) error {
	if is[check.FetchError](err) {
		return hinted{err, "nothing was written; the go command has to reach these modules, or have them in its cache: go mod download MODULE@VERSION"}
	}
	return err
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
