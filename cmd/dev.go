package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/spf13/cobra"
)

// devOptions are the arguments of mcpauth dev.
type devOptions struct {
	dir   string
	watch bool
	ports dev.Ports

	serverURL  string // without a project
	scope      string
	state      string
	consent    bool
	issuerForm string
}

const defaultServerURL = "http://localhost:3002/"

func (p *program) devCommand() *cobra.Command {
	o := devOptions{}
	c := &cobra.Command{
		Use:   "dev [DIR]",
		Short: "Run a server beside a local authorization server",
		Long: "Build and run the server in DIR (default: this folder) beside a local authorization server with Scalekit's\n" +
			"URLs, and print the MCP URL, a token, and commands to try. No account and no network are needed.\n\n" +
			"A project that was made with --dev runs as its .env says. One that was made for a Scalekit environment is\n" +
			"given local URLs for this run; its files stay as they are. In a folder without mcpauth.yaml the authorization\n" +
			"server runs alone, for a server that you start, and its settings are printed.\n\n" +
			"A machine client logs in as " + authserver.DefaultClientID + " with the secret " + dev.ClientSecret + ". Orders\n" +
			"for rotated keys, outages and the like are in the README, under /dev/.\n\n" +
			"Ctrl-C stops both, and the exit code is 0; a second Ctrl-C kills the server.",
		Example: "  mcpauth dev my-server --watch\n" +
			"  mcpauth dev --server-url http://localhost:8080/mcp --scope 'notes:read notes:write' > .env",
		Args: atMostOneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			o.dir = "."
			if len(args) == 1 {
				o.dir = args[0]
			}
			if err := o.check(c.Flags().Changed); err != nil {
				return err
			}
			ctx, life, stop := stoppable(c.Context(), func() { p.say("Waiting for the server to stop. Ctrl-C again kills it.") })
			defer stop()
			return p.dev(ctx, life, o)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.watch, "watch", false, "build and start the server again when its files change")
	flags.IntVar(&o.ports.Server, "port", 0, "port of the server (default: the project's)")
	flags.IntVar(&o.ports.Auth, "auth-port", 0, "port of the authorization server (default: the project's, or the one after the server's)")
	flags.StringVar(&o.serverURL, "server-url", defaultServerURL, "without a project: the MCP URL of the server that you start")
	flags.StringVar(&o.scope, "scope", "", "without a project: the scopes there are, separated by spaces")
	flags.StringVar(&o.state, "state", "", "file that keeps keys, clients and refresh tokens from run to run")
	flags.BoolVar(&o.consent, "auto-consent", false, "log the first test user in without asking, for scripts")
	flags.StringVar(&o.issuerForm, "issuer-form", string(authserver.EnvironmentIssuer), "iss of the tokens: env, or resource as Scalekit will have it")
	return c
}

func atMostOneFolder(c *cobra.Command, args []string) error {
	if len(args) < 2 {
		return nil
	}
	return hinted{usageError{fmt.Errorf("%s takes one folder at most, but got %q", c.Name(), args)}, "mcpauth dev my-server"}
}

// check refuses what does not fit, before anything is started.
func (o devOptions) check(changed func(string) bool) error {
	if info, err := os.Stat(o.dir); err != nil || !info.IsDir() {
		return hinted{usageError{fmt.Errorf("%s is not a folder", o.dir)}, "mcpauth init " + shellWord(o.dir) + " --dev makes a server there"}
	}
	if err := checkIssuerForm(o.issuerForm); err != nil {
		return err
	}
	for flag, port := range map[string]int{"port": o.ports.Server, "auth-port": o.ports.Auth} {
		if changed(flag) && (port < 1 || port > 65535) {
			return usageError{fmt.Errorf("--%s %d is not a port: use a number from 1 to 65535", flag, port)}
		}
	}
	_, err := os.Stat(filepath.Join(o.dir, project.File))
	for _, flag := range []string{"watch", "port"} {
		if changed(flag) && err != nil {
			return hinted{usageError{fmt.Errorf("--%s is for a project, but %s holds no %s", flag, o.dir, project.File)}, "name the project's folder: mcpauth dev DIR"}
		}
	}
	for _, flag := range []string{"server-url", "scope"} {
		if changed(flag) && err == nil {
			return hinted{usageError{fmt.Errorf("--%s is for a folder without a project, but %s holds %s", flag, o.dir, project.File)}, "the project says it: leave --" + flag + " out"}
		}
	}
	u, err := url.Parse(o.serverURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery+u.Fragment != "" {
		return usageError{errors.New("--server-url is not an http or https URL without user, query and fragment")}
	}
	return nil
}

func checkIssuerForm(form string) error {
	if form == string(authserver.EnvironmentIssuer) || form == string(authserver.ResourceIssuer) {
		return nil
	}
	return usageError{fmt.Errorf("--issuer-form %q is unknown: use env or resource", form)}
}

// dev runs the project in a folder, or the authorization server alone.
func (p *program) dev(ctx, life context.Context, o devOptions) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	logs := dev.NewLogs(p.streams.Err, dev.LogOptions{
		Color: p.streams.ColorErr(), Quiet: p.quiet,
		Failed: func(err error) { cancel(fmt.Errorf("writing the logs: %w", err)) },
	})
	found, err := load(o.dir)
	switch {
	case errors.Is(err, project.ErrNone):
		err = p.devAlone(ctx, o, logs)
	case err == nil:
		err = p.devProject(ctx, life, o, found, logs)
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// warn says loudly what this is.
func (p *program) warn(environment string) {
	const bold, plain = "\x1b[1;33m", "\x1b[0m"
	loud := "FOR DEVELOPMENT ONLY"
	if p.streams.ColorErr() {
		loud = bold + loud + plain
	}
	p.say("%s: the authorization server at %s gives a token to whoever asks.", loud, environment)
	p.say("It listens on this machine alone. Let no server trust it that others can reach.")
}

// tokenLine is what a person types for another token.
func (p *program) tokenLine(environment string) string {
	if elsewhere := p.getenv(contract.VarEnvironment); environment == defaultEnvironment && (elsewhere == "" || elsewhere == environment) {
		return "mcpauth token"
	}
	return "mcpauth token --env-url " + environment
}
