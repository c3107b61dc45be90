package cmd

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/undo"
	"github.com/mcpauth/mcpauth/templates"
	"github.com/spf13/pflag"
)

// A fileRun is one run of retrofit for a program whose entry is a file.
type fileRun struct {
	retrofitOptions
	language language
	place    place
	project  *watched
}

// watched is a project of which is known what was read, for a saved plan to say.
type watched struct {
	fs.FS
	seen map[string]string // digests by path
}

func (w *watched) ReadFile(name string) ([]byte, error) {
	content, err := fs.ReadFile(w.FS, name)
	if err == nil {
		w.seen[name] = plan.Sum(content).String()
	}
	return content, err
}

// retrofitFile is retrofit for the file that creates an application: read → choose → patch → plan → proof → preview → apply.
func (p *program) retrofitFile(ctx context.Context, o retrofitOptions, l language, flags *pflag.FlagSet) error {
	if err := l.checkFlags(flags); err != nil {
		return err
	}
	if err := checkRetrofit(o); err != nil {
		return err
	}
	at, err := l.locate(o.dir)
	if err != nil {
		return err
	}
	if err := p.recoverModule(at.root, o.touching()); err != nil {
		return err
	}
	root, err := os.OpenRoot(at.root) // a link in it leads nowhere else
	if err != nil {
		return fmt.Errorf("reading %s: %w", at.root, err)
	}
	defer root.Close()
	r := fileRun{o, l, at, &watched{FS: root.FS(), seen: make(map[string]string)}}
	if o.undo {
		return withFrame(at.root, p.undoFile(ctx, r))
	}
	return withFrame(at.root, p.patchFile(ctx, r))
}

func (p *program) patchFile(ctx context.Context, r fileRun) error {
	if r.place.isRendered() {
		return p.sayRenderedFile(r)
	}
	done := p.streams.Progress("reading the program")
	program, err := r.language.read(script.Project{FS: r.project, Name: filepath.Base(r.place.root), Entry: r.place.entry})
	done()
	if err != nil {
		return err
	}
	if installed := program.Installed(); installed != "" && r.place.patched() {
		return p.sayProtected(r.retrofitOptions, r.subject(), installed, nil)
	}
	prompter := prompt.New(p.streams, p.getenv, r.noInput)
	note, err := p.checkTree(ctx, r.place.root, r.touching(), prompter, r.planFile)
	if err != nil {
		return err
	}
	site, asked, err := chooseSite(ctx, r.server, prompter, program)
	if err != nil {
		return err
	}
	change, err := p.planFile(ctx, r, program, site)
	if err != nil {
		return err
	}
	if note != "" && r.planFile == "" { // in a saved plan it would say what was, not what is
		change.Notes = append(change.Notes, note)
	}
	if err := p.carryOutFile(ctx, r, prompter, change); err != nil {
		return err
	}
	if asked {
		p.sayEquivalent("--server", site.Position)
	}
	return nil
}

// planFile returns the whole change, proved as far as that goes without running the program.
func (p *program) planFile(ctx context.Context, r fileRun, program script.Program, site script.Site) (plan.Plan, error) {
	stack, err := templates.Load(r.language.stack)
	if err != nil {
		return plan.Plan{}, err
	}
	patch, err := program.Patch(site, script.Wish{Path: r.mcpPath, Upgrades: r.allowUpgrades, Requires: stack.Requires})
	if err != nil {
		return plan.Plan{}, err
	}
	change, err := generator.RetrofitScript(stack, filepath.Base(r.place.root), r.scopes, patch)
	if err != nil {
		return plan.Plan{}, fmt.Errorf("patching %s: %w", r.dir, err)
	}
	if err := vacant(r.place.root, change); err != nil {
		return plan.Plan{}, err
	}
	if patch.Claim.Source != nil {
		done := p.streams.Progress("having " + r.language.reader + " read the result")
		note, err := r.language.prove(ctx, patch.Claim)
		done()
		if err != nil {
			return plan.Plan{}, err
		}
		if note != "" {
			change.Notes = append(change.Notes, note)
		}
	}
	change.Notes = slices.Concat([]string{"MCP is at " + patch.Path + " of what " + r.place.entry + " creates"}, change.Notes)
	return undo.Add(r.project, change, r.place.record())
}

// carryOutFile writes the change, or shows it.
func (p *program) carryOutFile(ctx context.Context, r fileRun, prompter prompt.Prompter, change plan.Plan) error {
	switch {
	case r.dryRun:
		return p.preview(target{dir: r.place.root}, change)
	case r.planFile != "":
		p.sayPlan(target{dir: r.place.root}, change)
		return p.savePlan(r.retrofitOptions, r.subject(), change, nil)
	}
	return p.writeRetrofit(ctx, r.retrofitOptions, prompter, r.place.root, change, nil)
}

// chooseSite returns the application to patch, and whether the person has chosen it from the list. Where the call is there
// already, there is nothing to choose.
func chooseSite(ctx context.Context, wanted string, prompter prompt.Prompter, program script.Program) (site script.Site, asked bool, err error) {
	sites := program.Sites()
	if program.Installed() != "" {
		return script.Site{}, false, nil
	}
	if wanted != "" || len(sites) < 2 || !prompt.Interactive(prompter) {
		site, err = script.Choose(sites, wanted)
		return site, false, err
	}
	options := script.List(sites)
	for i := range options {
		options[i] = printable(options[i])
	}
	chosen, err := prompter.Choose(ctx, "Which application is MCP to be at?", options)
	if err != nil {
		return script.Site{}, true, err
	}
	return sites[chosen], true, nil
}

// subject is the project, for a saved plan.
func (r fileRun) subject() subject {
	return subject{root: r.place.root, stack: r.language.stack, sign: func(s *plan.Saved, _ fs.FS, _ plan.Plan) error {
		s.Entry = r.place.entry
		for _, name := range slices.Sorted(maps.Keys(r.project.seen)) {
			s.Seen = append(s.Seen, plan.State{Path: name, Digest: r.project.seen[name]})
		}
		return nil
	}}
}
