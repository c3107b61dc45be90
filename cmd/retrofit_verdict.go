package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/replay"
	"github.com/mcpauth/mcpauth/internal/trial"
	"github.com/mcpauth/mcpauth/templates"
)

// A trialReport is what --verify found.
type trialReport struct {
	Routes   replay.Table    `json:"routes,omitzero"` // none where the program was patched before
	Contract contract.Report `json:"contract"`
	// Movable says that the program listens at the port it is told; only then copies of it can be checked.
	Movable bool `json:"movable"`
}

// runBoth runs both builds of the program: where is it, do its routes answer as they did, does the endpoint keep the contract.
func (p *program) runBoth(ctx context.Context, tried trial.Program, r trialRun) (*trialReport, error) {
	done := p.streams.Progress("starting the patched program without settings")
	place, err := tried.Locate(ctx)
	done()
	if err != nil {
		return nil, err
	}
	found := &trialReport{Movable: place.Movable}
	if !r.patched {
		if err := p.compareRoutes(ctx, tried, place, r, found); err != nil {
			return found, err
		}
	}
	if found.Contract, err = p.walkTried(ctx, tried, place, r); err != nil {
		return found, err
	}
	return found, found.verdict()
}

// compareRoutes asks both builds the same, and shows what came of it.
func (p *program) compareRoutes(ctx context.Context, tried trial.Program, place trial.Place, r trialRun, found *trialReport) (err error) {
	questions := r.questions()
	done := p.streams.Progress(fmt.Sprintf("sending %d requests to the program before and after", len(questions.Requests)))
	found.Routes, err = tried.Compare(ctx, place, questions)
	done()
	found.Routes.Unknown = unasked(r.routing)
	if err == nil && !p.json {
		writeTable(p.streams.Out, found.Routes)
	}
	return err
}

// walkTried walks the contract on the endpoint.
func (p *program) walkTried(ctx context.Context, tried trial.Program, place trial.Place, r trialRun) (contract.Report, error) {
	stack, err := templates.Load("go")
	if err != nil {
		return contract.Report{}, err
	}
	done := p.streams.Progress("starting the patched program")
	target, err := tried.Target(ctx, place)
	done()
	if err != nil {
		return contract.Report{}, err
	}
	if !r.patched { // whose tools are the person's by now
		check.NameTools(&target, stack, r.scopes)
	}
	target.Legacy, target.OwnHealth = r.lacks, r.endpoint.KeepsHealth()
	if !place.Movable {
		p.say("the program listens at %s whatever PORT says: what needs a second copy of it is not checked", place.Origin)
	}
	checks := contract.Checks()
	if r.endpoint.SDK != "" { // which keeps its sessions, and the revisions that it knows
		p.say("C19 is not checked: which revisions of MCP are served, and how, is the program's own affair")
		checks = slices.DeleteFunc(checks, func(c contract.Check) bool { return c.ID == "C19" })
	}
	report, err := p.walk(ctx, target, checks)
	return report, errors.Join(err, target.Close())
}

// questions are what to ask: every route, and what the patch adds.
func (r trialRun) questions() trial.Questions {
	q := trial.Questions{
		Requests:  replay.Requests(replayed(r.routing.Routes), r.endpoint.Path, func(path string) bool { return ours(r.endpoint, path) }),
		Protected: func(q replay.Request) bool { return r.endpoint.NeedsToken(q.Method, q.Host, q.Path) },
		Added:     []string{trial.WellKnown},
	}
	if r.endpoint.SDK == "" {
		q.Added = append(q.Added, r.endpoint.Path)
	}
	if r.endpoint.Path != "/" {
		q.Added = append(q.Added, trial.WellKnown+r.endpoint.Path)
	}
	if r.endpoint.OwnHealth == "" {
		q.Added = append(q.Added, "/health")
	}
	return q
}

func replayed(routes []gopatch.Route) []replay.Route {
	var list []replay.Route
	for _, route := range routes {
		if !strings.Contains(route.Path, untold) {
			list = append(list, replay.Route{Host: route.Host, Pattern: route.Path, Position: route.Position})
		}
	}
	return list
}

// untold stands in a path for what the source does not tell.
const untold = "…"

// unasked are the positions of routes whose paths are not known.
func unasked(routing gopatch.Routing) []string {
	var positions []string
	for _, route := range routing.Unknown {
		positions = append(positions, route.Position)
	}
	for _, route := range routing.Routes {
		if strings.Contains(route.Path, untold) {
			positions = append(positions, route.Position)
		}
	}
	return slices.Compact(positions)
}

// ours says whether the patch adds a path, which it does with and without a slash at the end; /health only as it is.
func ours(e gopatch.Endpoint, path string) bool {
	bare := strings.TrimSuffix(path, "/")
	return e.SDK == "" && bare == strings.TrimSuffix(e.Path, "/") || bare == trial.WellKnown || bare == strings.TrimSuffix(trial.WellKnown+e.Path, "/") ||
		path == "/health" && e.OwnHealth == ""
}

// writeTable shows what does not answer as it did, what varies, and what is new.
func writeTable(w io.Writer, t replay.Table) {
	for _, line := range t.Remarks() {
		fmt.Fprintln(w, line)
	}
	for _, f := range t.Added {
		fmt.Fprintf(w, "GET %s: added, %s → %s\n", f.Name, f.Before, f.After)
	}
	if unasked := t.Unasked(); unasked != "" {
		fmt.Fprintln(w, unasked)
	}
	fmt.Fprintln(w, t.Summary())
}

// verdict is the error of a trial that did not end well.
func (r trialReport) verdict() error {
	var errs []error
	if n := len(r.Routes.Of(replay.Differs)); n > 0 {
		errs = append(errs, check.BrokenError{Text: fmt.Sprintf("%d requests are answered differently with the patch", n)})
	}
	return errors.Join(append(errs, verdict(r.Contract))...)
}
