package cmd

import (
	"context"
	"errors"
	"strings"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/buildinfo"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/report"
	"github.com/mcpauth/mcpauth/templates"
)

// commands are those that were run to prove a patch.
type commands struct{ list []report.Command }

func (c *commands) note(line string, code int) {
	c.list = append(c.list, report.Command{Line: line, Code: code})
}

// carryOut runs the program where that is wanted, writes the change or shows it, and tells --report what became of it.
func (p *program) carryOut(
	ctx context.Context, o retrofitOptions, prompter prompt.Prompter, m *gosource.Module, survey *gopatch.Survey, change plan.Plan,
) error {
	server, err := survey.Choose(o.server)
	if err != nil {
		return err
	}
	endpoint, err := o.endpoint(survey, server)
	if err != nil {
		return err
	}
	file, err := pending(o.report)
	if err != nil {
		return err
	}
	defer file.discard()
	release, _, err := sdkRelease(m, o, endpoint)
	if err != nil {
		return err
	}
	r := trialRun{
		module: m, server: server, endpoint: endpoint, routing: survey.Routing(server), scopes: o.scopes, lacks: release.Lacks, change: change,
	}
	found, err := p.try(ctx, o, r)
	switch {
	case err != nil:
	case o.dryRun:
		err = p.preview(target{dir: m.Dir}, change)
	case o.planFile != "":
		p.sayPlan(target{dir: m.Dir}, change)
		err = p.savePlan(o, goSubject(m), change, found)
	default:
		err = p.writeRetrofit(ctx, o, prompter, m.Dir, change, found)
	}
	if unwritten := o.writeReport(file, r, found, err); unwritten != nil {
		return errors.Join(err, unwritten)
	}
	return err
}

// writeReport writes --report for a plan that was made, whatever became of it.
func (o retrofitOptions) writeReport(file *pendingFile, r trialRun, found *trialReport, failed error) error {
	if file == nil || exitCode(failed) == exitInterrupted {
		return nil
	}
	stack, err := templates.Load("go")
	if err != nil {
		return err
	}
	document := report.Retrofit{
		Result: o.result(failed), Version: buildinfo.Version(), TemplateVersion: stack.Version,
		Module: r.module.Path, Program: r.module.Program.PkgPath,
		Server: sites(r.server), Why: o.why(r.server),
		Endpoint: r.endpoint.Path, Health: "/health is the endpoint's",
		Change: r.change, Commands: o.ran.list,
		Undo: "mcpauth retrofit " + shellWord(o.dir) + " --undo",
	}
	if r.endpoint.OwnHealth != "" {
		document.Health = "/health stays the program's, " + r.endpoint.OwnHealth
	}
	if found != nil {
		document.Routes, document.Contract = &found.Routes, &found.Contract
	}
	return file.commit(document.Markdown())
}

// result says what became of the plan.
func (o retrofitOptions) result(failed error) string {
	switch {
	case failed != nil:
		first, _, _ := strings.Cut(describe(failed), "\n")
		return "nothing was written: " + first
	case o.dryRun:
		return "nothing was written: this was a dry run"
	case o.planFile != "":
		return "nothing was written but the plan, for mcpauth apply: " + o.planFile
	}
	return "written"
}

// why says how the server was chosen.
func (o retrofitOptions) why(server gopatch.Server) string {
	var kinds []string
	for _, site := range server.Sites {
		kinds = append(kinds, strings.TrimSpace(site.Kind+" "+site.Address))
	}
	how := strings.Join(kinds, ", ")
	if o.server != "" {
		return how + "; it was chosen with --server " + o.server
	}
	return how + "; it is the only one that is the program's own service"
}
