package contract

import (
	"context"
	"slices"
	"time"
)

// checkTimeout ends a check that the server keeps waiting.
const checkTimeout = 90 * time.Second

// Run checks the whole contract on target and calls report with each result, in order, as soon as it and
// all before it are known. report may be nil. A server that cannot be reached fails every check, which is said once,
// in the returned Report.
func Run(ctx context.Context, target Target, report func(Result)) Report {
	return RunChecks(ctx, target, Checks(), report)
}

// RunChecks is Run for some of the checks, of [Checks], of [Discovery] or of both.
func RunChecks(ctx context.Context, target Target, checks []Check, report func(Result)) Report {
	w := newWalk(target)
	defer w.close()
	w.reach(ctx)
	if target.Issuer == nil || slices.ContainsFunc(checks, func(c Check) bool { return c.Discovers }) {
		w.discover(ctx)
	}
	w.survey(ctx)

	beside := make([]chan Result, len(checks))
	for i := range checks {
		if checks[i].Disturbs && target.NewSite != nil && w.scene.unreachable == nil {
			beside[i] = make(chan Result, 1)
			go func() { beside[i] <- w.run(ctx, &checks[i]) }()
		}
	}
	out := Report{URL: target.URL}
	for i := range checks {
		result, known := w.discovered[checks[i].ID]
		switch {
		case known:
		case beside[i] != nil:
			result = <-beside[i]
		default:
			result = w.run(ctx, &checks[i])
		}
		out.Results = append(out.Results, result)
		if report != nil && w.scene.unreachable == nil {
			report(result)
		}
	}
	out.Requests, _ = w.budget.counts()
	if e := w.scene.unreachable; e != nil {
		out.Unreachable = e.String()
	}
	return out
}

// takeOver uses a local authorization server that can be controlled, if the chain leads to one.
func (w *walk) takeOver(ctx context.Context) {
	t, found := w.target, w.scene.chain
	if t.Local == nil || t.Issuer != nil || t.Token != "" || t.Credentials != nil || found.doubted || !loopbackURL(found.issuer) {
		return
	}
	issuer, ok := t.Local(ctx, found.issuer)
	if !ok {
		return
	}
	t.Issuer = issuer
	w.client.memory, w.abroad.memory = nil, nil
	w.budget.lift()
}

// walk is one run of the checks.
type walk struct {
	target *Target
	client *client
	budget *budget
	scene  *scene
	// abroad sends what follows the discovery chain to other hosts. It never carries a token.
	abroad *client
	// discovered are the results of the checks that ran before the others.
	discovered map[string]Result
}

func newWalk(target Target) *walk {
	target.Limits = target.Limits.withDefaults()
	w := &walk{
		target: &target, scene: &scene{},
		budget:     &budget{limit: target.MaxRequests, tokens: map[string]bool{}},
		discovered: map[string]Result{},
	}
	w.client = newClient(originOf(target.URL), target.TLS, nil, w.budget)
	if target.Issuer == nil && !target.Full {
		w.client.memory = newMemory()
	}
	w.abroad = newClient("", target.TLS, target.carefulDialer(), w.budget)
	w.abroad.memory = w.client.memory
	return w
}

func (w *walk) close() {
	w.client.close()
	w.abroad.close()
}

// discover runs the checks on which the others may depend: they find the token.
func (w *walk) discover(ctx context.Context) {
	for _, check := range Discovery() {
		if check.ID == "D6" {
			w.takeOver(ctx)
		}
		result := w.run(ctx, &check)
		w.scene.chain.doubted = w.scene.chain.doubted || result.Status == Fail
		w.discovered[check.ID] = result
	}
}

func (w *walk) probe(check *Check) *Probe {
	return &Probe{
		Site: w.target.Site, client: w.client, abroad: w.abroad, target: w.target, scene: w.scene,
		found: &findings{check: check, hide: &w.scene.hide},
	}
}

// run runs one check. A panic, a server out of reach and a context that ended are failures.
func (w *walk) run(ctx context.Context, check *Check) Result {
	p := w.probe(check)
	began := time.Now()
	_, refused := w.budget.counts()
	if w.scene.unreachable != nil {
		p.fail(*w.scene.unreachable, "the server answers")
	} else {
		w.guarded(ctx, p, check)
	}
	if issuer, ok := w.target.Issuer.(interface{ Err() error }); ok && issuer.Err() != nil {
		p.observe("", "the local authorization server answers", issuer.Err().Error())
	}
	if _, now := w.budget.counts(); now > refused {
		p.skip("%s: %v", check.Title, errBudget)
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
