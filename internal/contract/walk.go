package contract

import (
	"context"
	"time"
)

// checkTimeout ends a check that the server keeps waiting.
const checkTimeout = 90 * time.Second

// Run checks the whole contract on target and calls report with each result, in order, as soon as it and
// all before it are known. report may be nil. A server that cannot be reached fails every check.
func Run(ctx context.Context, target Target, report func(Result)) Report {
	return RunChecks(ctx, target, Checks(), report)
}

// RunChecks is Run for some of the checks.
func RunChecks(ctx context.Context, target Target, checks []Check, report func(Result)) Report {
	target.Limits = target.Limits.withDefaults()
	w := &walk{target: &target, budget: &budget{limit: int64(target.MaxRequests), tokens: map[string]bool{}}}
	w.client = newClient(target.TLS, w.budget)
	defer w.client.close()
	w.scene = w.survey(ctx)

	beside := make([]chan Result, len(checks))
	for i := range checks {
		if checks[i].Disturbs && target.NewSite != nil && w.scene.unreachable == nil {
			beside[i] = make(chan Result, 1)
			go func() { beside[i] <- w.run(ctx, &checks[i]) }()
		}
	}
	out := Report{URL: target.URL}
	for i := range checks {
		var result Result
		if beside[i] != nil {
			result = <-beside[i]
		} else {
			result = w.run(ctx, &checks[i])
		}
		out.Results = append(out.Results, result)
		if report != nil {
			report(result)
		}
	}
	out.Requests = int(w.budget.spent.Load())
	return out
}

// walk is one run of the checks.
type walk struct {
	target *Target
	client *client
	budget *budget
	scene  *scene
}

func (w *walk) probe(check *Check) *Probe {
	return &Probe{Site: w.target.Site, client: w.client, target: w.target, scene: w.scene, found: &findings{check: check}}
}

// run runs one check. A panic, a server out of reach and a context that ended are failures.
func (w *walk) run(ctx context.Context, check *Check) Result {
	p := w.probe(check)
	began := time.Now()
	if w.scene.unreachable != nil {
		p.fail(*w.scene.unreachable, "the server answers")
	} else {
		w.guarded(ctx, p, check)
	}
	result := p.found.result()
	result.Took = time.Since(began)
	return result
}

func (w *walk) guarded(ctx context.Context, p *Probe, check *Check) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	defer p.found.close()
	p.guard(func() { check.Run(ctx, p) })
	if err := ctx.Err(); err != nil {
		p.observe("", "the check runs to its end", err.Error())
	}
}

// close ends the copies of the server that the check started.
func (f *findings) close() {
	f.mu.Lock()
	closers := f.closers
	f.closers = nil
	f.mu.Unlock()
	for _, end := range closers {
		if err := end(); err != nil {
			f.add(Failure{Expected: "a copy of the server ends", Got: err.Error()})
		}
	}
}

func (f *findings) result() Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	result := Result{
		ID: f.check.ID, Title: f.check.Title, Ref: f.check.Ref,
		Status: Pass, Failures: f.failures, Skipped: f.skipped,
	}
	switch {
	case len(f.failures) > 0:
		result.Status = Fail
	case len(f.skipped) > 0:
		result.Status = Skip
	}
	return result
}
