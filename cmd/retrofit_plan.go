package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/apply"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/undo"
	"golang.org/x/mod/module"
)

// planRetrofit returns the whole change, proved: it builds, and go.mod and go.sum are part of it.
func (p *program) planRetrofit(ctx context.Context, o retrofitOptions, m *gosource.Module, survey *gopatch.Survey) (plan.Plan, error) {
	server, err := survey.Choose(o.server)
	if err != nil {
		return plan.Plan{}, elsewhere(ctx, m, survey, err)
	}
	endpoint, err := o.endpoint(survey, server)
	if err != nil {
		return plan.Plan{}, err
	}
	patch, err := survey.Patch(server)
	if err != nil {
		return plan.Plan{}, err
	}
	release, lacking, err := sdkRelease(m, o, endpoint)
	if err != nil {
		return plan.Plan{}, err
	}
	addition := generator.Addition{Module: m.Path, Name: path.Base(m.Program.PkgPath), Scopes: o.scopes, Endpoint: endpoint, Go: release.Go}
	change, err := generator.Retrofit(addition, patch)
	if err != nil {
		return plan.Plan{}, fmt.Errorf("patching %s: %w", o.dir, err)
	}
	if err := vacant(m.Dir, change); err != nil {
		return plan.Plan{}, err
	}
	if err := p.proveRetrofit(ctx, o, m, lacking, &change); err != nil {
		return plan.Plan{}, err
	}
	change.Notes = slices.Concat(retrofitNotes(survey, server, endpoint), change.Notes, releaseNotes(release))
	return undo.Add(os.DirFS(m.Dir), change, undoRecord)
}

// vacant refuses early where a new file would meet one that is there.
func vacant(dir string, change plan.Plan) error {
	for _, op := range change.Ops {
		_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(op.Path)))
		if op.Action == plan.Create && !errors.Is(err, fs.ErrNotExist) {
			return hinted{&apply.Refused{Path: op.Path, Reason: apply.Exists}, "mcpauth retrofit --undo takes an earlier patch back; a file of your own needs another name"}
		}
	}
	return nil
}

// proveRetrofit builds and vets the change with what go.mod lacked, and makes go.mod and go.sum part of it.
func (p *program) proveRetrofit(ctx context.Context, o retrofitOptions, m *gosource.Module, lacking []module.Version, change *plan.Plan) (err error) {
	scratch, err := os.MkdirTemp("", "mcpauth-retrofit-")
	if err != nil {
		return fmt.Errorf("making a directory for the build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	proof := p.goModule(o, m, scratch)
	before, err := proof.Files()
	if err != nil {
		return err
	}
	vendored, err := vendored(ctx, m, proof)
	if err != nil {
		return unfetched(err)
	}
	after, err := proof.Require(ctx, *change, lacking)
	if err != nil {
		return unfetched(err)
	}
	// What may not move is refused before the long build.
	if _, err := o.moves(before, after); err != nil {
		return err
	}
	if err := admitted(m, after); err != nil {
		return err
	}
	after, err = proof.Prove(ctx, *change, affected(*change))
	if is[check.BrokenError](err) {
		if own := proof.Builds(ctx); is[check.BrokenError](own) {
			err = unbuilt(own.Error())
		}
	}
	if err != nil {
		return err
	}
	vendorOps, err := vendor(ctx, proof, *change, vendored)
	if err != nil {
		return unfetched(err)
	}
	moves, err := o.moves(before, after)
	if err != nil {
		return err
	}
	tested, err := testRetrofit(ctx, o, proof, m, *change)
	if err != nil {
		return err
	}
	change.Notes, err = moduleNotes(ctx, proof, moves)
	change.Notes = append(change.Notes, tested...)
	change.Ops = slices.Concat(change.Ops, moduleOps(before, after), vendorOps)
	return err
}

// affected returns the patterns of the person's packages in which files change.
func affected(change plan.Plan) []string {
	var patterns []string
	for _, op := range change.Ops {
		if dir := path.Dir(op.Path); !strings.HasPrefix(dir+"/", gopatch.Glue+"/") {
			patterns = append(patterns, "./"+dir)
		}
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}

// retrofitNotes says what the person has to know besides the files.
func retrofitNotes(survey *gopatch.Survey, server gopatch.Server, endpoint gopatch.Endpoint) []string {
	notes := []string{fmt.Sprintf("MCP is at %s of the server at %s", endpoint.Path, sites(server))}
	for _, other := range survey.Servers {
		if !server.Includes(other) {
			notes = append(notes, strings.TrimSuffix(fmt.Sprintf("the server at %s is left alone: it is for %s", sites(other), other.Decoy), ": it is for "))
		}
	}
	return append(notes, survey.Notes(server, endpoint)...)
}

func sites(s gopatch.Server) string {
	var list []string
	for _, site := range s.Sites {
		list = append(list, site.Position)
	}
	return strings.Join(list, ", ")
}
