package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/trial"
	"github.com/spf13/pflag"
)

// trialOptions say whether and how retrofit runs the program before anything is written.
type trialOptions struct {
	verify   bool
	args     []string
	env      []string // NAME=VALUE, or NAME for that of our environment
	dir, url string
}

func (o *trialOptions) define(flags *pflag.FlagSet) {
	flags.BoolVar(&o.verify, "verify", false, "run the program before and after, compare its routes and check the contract before anything is written")
	flags.StringArrayVar(&o.args, "run-arg", nil, "argument that the program needs, for --verify; {port} in it is a free port")
	flags.StringArrayVar(&o.env, "run-env", nil, "NAME=VALUE that the program needs, or NAME to pass on yours; only these and PATH, HOME and the like are")
	flags.StringVar(&o.dir, "run-dir", "", "the directory that the program runs in (default: that of its go.mod)")
	flags.StringVar(&o.url, "run-url", "", "where the program listens, such as http://localhost:8080 (default: found out)")
}

// trialHelp is a part of the command's help.
const trialHelp = "--verify starts the program as it is and as it would be, several times, one after the other: with PORT and HOST, with what\n" +
	"--run-env and --run-arg give it, and against an authorization server of its own. It asks every route that the source\n" +
	"names with GET, HEAD and OPTIONS, nothing else, and walks the contract on the endpoint. mcpauth writes nothing before\n" +
	"all of it has passed; what the program itself writes when it runs, it writes."

// check refuses what does not go together.
func (o trialOptions) check() error {
	if !o.verify && (len(o.args)+len(o.env) > 0 || o.dir != "" || o.url != "") {
		return usageError{errors.New("--run-arg, --run-env, --run-dir and --run-url are for --verify, which runs the program")}
	}
	if o.url == "" {
		return nil
	}
	u, err := url.Parse(strings.ReplaceAll(o.url, stand.PortPlaceholder, "1"))
	local := err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
	if !local || u.Port() == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.User != nil || u.RawQuery != "" {
		return usageError{fmt.Errorf("--run-url %q: give scheme, an address of this machine and the port, such as http://localhost:8080", o.url)}
	}
	return nil
}

// program is how the person starts it. getenv has the values that are named alone.
func (o trialOptions) program(m *gosource.Module, getenv func(string) string) (trial.Program, error) {
	p := trial.Program{Args: o.args, Dir: m.Dir, URL: strings.TrimSuffix(o.url, "/")}
	if o.dir != "" {
		p.Dir = absolute(o.dir)
	}
	if info, err := os.Stat(p.Dir); err != nil || !info.IsDir() {
		return p, usageError{fmt.Errorf("--run-dir %s: there is no such directory", o.dir)}
	}
	for _, entry := range o.env {
		name, value, given := strings.Cut(entry, "=")
		if !given {
			value = getenv(name)
		}
		switch {
		case name == "":
			return p, usageError{errors.New("--run-env: a variable has no name: use NAME=VALUE, or NAME")}
		case !given && value == "":
			return p, usageError{fmt.Errorf("--run-env %s: there is no such variable in the environment", name)}
		}
		p.Env, p.Hidden = append(p.Env, name+"="+value), append(p.Hidden, value)
	}
	return p, nil
}

// A trialRun is what --verify works with.
type trialRun struct {
	module   *gosource.Module
	server   gopatch.Server
	endpoint gopatch.Endpoint
	routing  gopatch.Routing
	scopes   []string
	lacks    string // what the release of the SDK does not keep
	change   plan.Plan
	patched  bool // the program is patched already: it runs alone
}

// try is retrofit --verify. It returns nil where that was not asked for.
func (p *program) try(ctx context.Context, o retrofitOptions, r trialRun) (*trialReport, error) {
	if !o.trial.verify {
		return nil, nil
	}
	if o.dryRun { // whose data is the diff
		aside := *p
		aside.streams, p = p.streams.Talk(), &aside
	}
	return p.buildBoth(ctx, o, r)
}

// tryPatched is retrofit --verify for a program that is patched already: there is no other to compare it with.
func (p *program) tryPatched(ctx context.Context, o retrofitOptions, m *gosource.Module, survey *gopatch.Survey) (*trialReport, error) {
	if !o.trial.verify {
		return nil, nil
	}
	endpoint, err := survey.Patched()
	if err != nil {
		return nil, err
	}
	release, _, err := sdkRelease(m, o, endpoint)
	if err != nil {
		return nil, err
	}
	return p.buildBoth(ctx, o, trialRun{module: m, endpoint: endpoint, scopes: o.scopes, lacks: release.Lacks, patched: true})
}

// buildBoth builds the program with and without the change, and runs both. Nothing of it is left when it returns. The error is
// a check.BrokenError when the patch is at fault.
func (p *program) buildBoth(ctx context.Context, o retrofitOptions, r trialRun) (found *trialReport, err error) {
	tried, err := o.trial.program(r.module, p.getenv)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "mcpauth-verify-")
	if err != nil {
		return nil, fmt.Errorf("making a directory for the build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	module := p.goModule(o, r.module, scratch)
	if tried.Before, tried.After, err = module.Binaries(ctx, r.change, r.module.Program.PkgPath); err != nil {
		return nil, err
	}
	tried.Stage = filepath.Join(scratch, filepath.Base(tried.After))
	tried.MCPPath, tried.Scopes = r.endpoint.Path, r.scopes
	found, err = p.runBoth(ctx, tried, r)
	return found, trialHint(err, filepath.Base(tried.After))
}

// trialHint tells what a program may lack that does not start.
func trialHint(err error, name string) error {
	switch {
	case errors.Is(err, trial.ErrNowhere):
		return hinted{err, "--run-url names where it listens; --run-arg and --run-env have it start the server that is patched; without --verify it is not run"}
	case errors.Is(err, run.ErrEnded) && is[trial.StartError](err):
		err = &refusal.Refusal{Code: refusal.CodeConfig, Reason: err.Error()}
		return hinted{err, name + " needs something to run: a free port, a database, settings; give it with --run-arg and --run-env, or leave out --verify"}
	}
	return err
}
