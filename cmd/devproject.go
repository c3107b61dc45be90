package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/authserver/control"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/mcpauth/mcpauth/internal/run"
)

// devProject runs the project's server beside an authorization server of its own.
func (p *program) devProject(ctx, life context.Context, o devOptions, found project.Project, logs *dev.Logs) (err error) {
	wiring, err := wire(found, o.ports)
	if err != nil {
		return err
	}
	authority, err := p.authority(o, wiring, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, authority.Close()) }()
	if err := checkServerPort(wiring); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mcpauth-dev-")
	if err != nil {
		return fmt.Errorf("making a directory for the build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	p.warn(wiring.Environment)
	if err := p.certify(&wiring, scratch); err != nil {
		return err
	}
	p.sayWiring(found, wiring)
	authority.Serve()
	runner := newRunner(o, found, wiring, logs, scratch)
	err = runner.Run(ctx, life, func() error { return p.printReady(authority, found, wiring) })
	if err == nil {
		logs.Line(dev.DevName, "stopped")
	}
	return withDevHint(err, found)
}

// load reads the project in a folder.
func load(dir string) (project.Project, error) {
	found, err := project.Load(dir)
	return found, withProblems(err, "mcpauth init writes this file; the server's settings are in "+project.SettingsFile)
}

// wire reads the project's settings as they are now.
func wire(found project.Project, ports dev.Ports) (dev.Wiring, error) {
	running, env, err := found.Running()
	if err != nil {
		return dev.Wiring{}, withProblems(err, "PORT, SK_ENV_URL, EXPECTED_AUDIENCE and PROTECTED_RESOURCE_METADATA have to agree there")
	}
	w, err := dev.Wire(running.Config, env, found.Dir, ports)
	if errors.Is(err, dev.ErrSamePort) {
		err = hinted{usageError{err}, "use another --port or --auth-port"}
	}
	return w, err
}

// withProblems makes wrong answers the person's to mend.
func withProblems(err error, hint string) error {
	if problems, ok := errors.AsType[project.ProblemsError](err); ok {
		return hinted{problemsError{doing: "reading " + problems.Path, problems: problems.Problems}, hint}
	}
	return err
}

// authority takes the port for the authorization server.
func (p *program) authority(o devOptions, w dev.Wiring, logs *dev.Logs) (*dev.Authority, error) {
	host, port, err := control.LocalAddress(w.Environment)
	if err != nil {
		return nil, err
	}
	issuer := authserver.New(authserver.Options{
		Environment: w.Environment,
		ResourceID:  w.ResourceID,
		ServerURL:   w.ServerURL,
		IssuerForm:  authserver.IssuerForm(o.issuerForm),
		Scopes:      w.Scopes,
		AutoConsent: o.consent,
		Clients:     []authserver.Client{{ID: authserver.DefaultClientID, Secret: dev.ClientSecret, Name: "local machine client"}},
		Metadata:    w.Settings.Metadata,
		StateFile:   o.state,
	})
	if err := issuer.Restore(); err != nil {
		if wrong, ok := errors.AsType[*authserver.StateError](err); ok {
			return nil, hinted{err, wrong.Remedy}
		}
		return nil, err
	}
	listeners, err := run.ListenLoopback(host, port)
	if err != nil {
		return nil, moveAway(fmt.Errorf("starting the authorization server: %w", err), "auth-port", host, port)
	}
	return dev.NewAuthority(listeners, issuer, logs), nil
}

func checkServerPort(w dev.Wiring) error {
	u, err := url.Parse(w.ServerURL)
	if err == nil {
		err = run.CheckFree(u.Hostname(), w.Settings.Port)
	}
	if err != nil {
		return moveAway(fmt.Errorf("starting the server: %w", err), "port", u.Hostname(), w.Settings.Port)
	}
	return nil
}

// moveAway tells who should go elsewhere when a port is taken, and where there is room.
func moveAway(err error, flag, host string, port int) error {
	taken, ok := errors.AsType[*run.TakenError](err)
	if !ok {
		return err
	}
	who, room := "stop who holds it", "N"
	if taken.Holder != "" {
		who = "stop " + taken.Holder
	}
	if next := run.NextFree(host, port+2); next != 0 { // the one between may be the other server's
		room = strconv.Itoa(next)
	}
	return hinted{err, fmt.Sprintf("%s, or use --%s %s", who, flag, room)}
}

// certify makes a certificate for a server whose own does not exist here.
func (p *program) certify(w *dev.Wiring, scratch string) error {
	if !w.NoCertificate {
		return nil
	}
	made, err := check.SelfSigned(scratch)
	if err != nil {
		return err
	}
	p.say("The project's certificate does not exist: this run uses a self-signed one. For clients on Node: NODE_EXTRA_CA_CERTS=%s", made.CertFile)
	w.Settings.TLSCertFile, w.Settings.TLSKeyFile = made.CertFile, made.KeyFile
	w.Variables = append(w.Variables, contract.VarTLSCert+"="+made.CertFile, contract.VarTLSKey+"="+made.KeyFile)
	return nil
}

// sayWiring tells what the server is given in place of what its .env says.
func (p *program) sayWiring(found project.Project, w dev.Wiring) {
	if len(w.Replaced) > 0 {
		p.say("For this run the server gets local values of %s; %s stays as it is.",
			strings.Join(w.Replaced, ", "), filepath.Join(found.Dir, project.SettingsFile))
	}
}

func newRunner(o devOptions, found project.Project, w dev.Wiring, logs *dev.Logs, scratch string) *dev.Runner {
	runner := &dev.Runner{
		Dir: found.Dir, Wiring: w, Logs: logs, Scratch: scratch,
		Env:   serverEnvironment(os.Environ(), found.Stack.Env),
		Build: builder(found, logs),
		Rewire: func() (dev.Wiring, error) {
			now, err := wire(found, o.ports)
			if w.NoCertificate {
				now.Variables = append(now.Variables, contract.VarTLSCert+"="+w.Settings.TLSCertFile, contract.VarTLSKey+"="+w.Settings.TLSKeyFile)
			}
			return now, err
		},
	}
	if o.watch {
		runner.Watch = found.Stack.Watch
	}
	return runner
}

// serverEnvironment is all that the caller has, as if the person had started the server by hand, without what is meant for
// mcpauth, and without the settings that bind a server to an authorization server: those are the project's to make.
func serverEnvironment(caller, stack []string) []string {
	env := slices.DeleteFunc(slices.Clone(caller), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(contract.SettingNames(), name) || strings.HasPrefix(name, "MCPAUTH_")
	})
	return append(env, stack...)
}

// noticeDelay is how long a step may take without a word.
const noticeDelay = 500 * time.Millisecond

func builder(found project.Project, logs *dev.Logs) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, scratch string) ([]string, error) {
		notice := func(name string) func() {
			slow := time.AfterFunc(noticeDelay, func() { logs.Line(dev.DevName, "%s", name) })
			return func() { slow.Stop() }
		}
		w, err := check.Workshop{Stack: found.Stack, Dir: found.Dir, Scratch: scratch}.Keep(ctx, cacheDir(), notice)
		if err == nil {
			err = w.Build(ctx, found.Stack.Build, notice)
		}
		return w.Command(found.Stack.Start), err
	}
}

// withDevHint tells how to mend what keeps the server from running.
func withDevHint(err error, found project.Project) error {
	if taken, ok := errors.AsType[*run.TakenError](err); ok {
		return moveAway(err, "port", "localhost", taken.Port)
	}
	if errors.Is(err, check.ErrNoTool) {
		return hinted{err, "install " + found.Stack.Needs}
	}
	return err
}
