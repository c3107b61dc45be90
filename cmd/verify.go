package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/report"
	"github.com/spf13/cobra"
)

// verifyOptions are the arguments of mcpauth verify.
type verifyOptions struct {
	url   string
	start string // the project's directory; "" for a URL

	tokenFile, clientID, secretFile, scope string
	caFile                                 string

	only  []string
	junit string
	full  bool
}

func (p *program) verifyCommand() *cobra.Command {
	o := verifyOptions{}
	c := &cobra.Command{
		Use:   "verify (URL | --start DIR)",
		Short: "Check that a server keeps the contract of a protected MCP server",
		Long: "Check on a running server that it keeps the contract, C1 to C20.\n\n" +
			"URL is a server in production, of any origin. It is asked only what is harmless, in 50 requests at most:\n" +
			"nothing is forged, no tool is called. Besides the contract, D1 to D7 follow the discovery chain as a client\n" +
			"would, from the challenge to a token, and say where it breaks. What cannot be checked is skipped, with the reason.\n\n" +
			"When the chain leads to mcpauth dev on this machine, and no token is given, URL is a server in development, and\n" +
			"everything is checked that needs no restart: forged tokens, key rotation, outages, limits. Tools are called with\n" +
			"made-up arguments, but for those that say they are destructive. Tokens made before may be void afterwards.\n\n" +
			"--start DIR builds the project in DIR and does all of that, restarts included, on servers of its own.\n\n" +
			"The token comes from --token-file, MCPAUTH_TOKEN or the credentials of an m2m_ client. It is sent to URL alone.\n" +
			"A token that is plainly for another server is sent once, to see that it is refused.\n\n" +
			"Exit codes: 0 nothing failed; 1 the server cannot be reached, or nothing could be checked to its end; 2 bad usage; 3 DIR is\n" +
			"no project; 4 something failed, or the project does not build; 130 interrupted.",
		Example: "  mcpauth verify https://mcp.acme.com/mcp\n" +
			"  mcpauth verify https://mcp.acme.com/mcp --client-id m2m_7 --client-secret-file secret --junit report.xml\n" +
			"  mcpauth verify --start my-server --only C5,C11",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.complete(c, args); err != nil {
				return hinted{usageError{err}, verifyHint(args)}
			}
			ctx, stop := interruptible(c.Context())
			defer stop()
			err := p.runVerify(ctx, o)
			if o.start == "" && ctx.Err() != nil {
				err = abandoned{err}
			}
			return err
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.start, "start", "", "the project to build, start and check, instead of a URL")
	flags.StringVar(&o.tokenFile, "token-file", "", "file with an access token, - for stdin (or MCPAUTH_TOKEN)")
	flags.StringVar(&o.clientID, "client-id", "", "m2m_… client to get a token with")
	flags.StringVar(&o.secretFile, "client-secret-file", "", "file with its secret, - for stdin (or MCPAUTH_CLIENT_SECRET)")
	flags.StringVar(&o.scope, "scope", "", "scopes to ask for with it, separated by spaces")
	flags.StringVar(&o.caFile, "ca-file", "", "PEM file with certificates to trust besides the system's")
	flags.StringSliceVar(&o.only, "only", nil, "check only these requirements, such as C5,C7")
	flags.StringVar(&o.junit, "junit", "", "also write the report to this file, in JUnit's XML")
	flags.BoolVar(&o.full, "full", false, "also what uses the server up: limits, and any number of requests")
	return c
}

// verifyHint knows what somebody meant who names a folder.
func verifyHint(args []string) string {
	if len(args) == 1 {
		if info, err := os.Stat(args[0]); err == nil && info.IsDir() {
			return "to build and check a project: mcpauth verify --start " + shellWord(args[0])
		}
	}
	return "see mcpauth verify --help"
}

// complete takes the arguments and refuses those that do not go together.
func (o *verifyOptions) complete(c *cobra.Command, args []string) error {
	starting := c.Flags().Changed("start")
	switch {
	case starting && (len(args) > 0 || o.start == ""), !starting && (len(args) != 1 || args[0] == ""):
		return fmt.Errorf("verify takes one URL, or --start and one directory, but got %q", args)
	case starting:
		for _, name := range []string{"token-file", "client-id", "client-secret-file", "scope", "ca-file", "full"} {
			if c.Flags().Changed(name) {
				return fmt.Errorf("--%s is for a URL: --start makes tokens and certificates of its own, and checks everything", name)
			}
		}
	default:
		o.url = args[0]
		if err := checkServerURL(o.url); err != nil {
			return err
		}
	}
	switch {
	case o.tokenFile != "" && o.clientID != "":
		return errors.New("--token-file and --client-id both say where the token comes from: use one of them")
	case o.clientID == "" && (o.secretFile != "" || o.scope != ""):
		return errors.New("--client-secret-file and --scope need --client-id")
	}
	return nil
}

func checkServerURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "@") && (err != nil || u.User != nil):
		return errors.New("the URL holds credentials: give a token with --token-file")
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q is no URL of a server: use http:// or https:// and the MCP path, as in an MCP client", text)
	case u.Fragment != "":
		return fmt.Errorf("%q has a fragment, which servers never see", text)
	}
	return nil
}

// runVerify checks, and writes the report in every form that was asked for.
func (p *program) runVerify(ctx context.Context, o verifyOptions) (err error) {
	checks, err := chosen(o)
	if err != nil {
		return err
	}
	file, err := pending(o.junit)
	if err != nil {
		return err
	}
	defer file.discard()
	found, err := p.find(ctx, o, checks)
	if err != nil {
		return err
	}
	if err := p.writeReport(found, file); err != nil {
		return err
	}
	if p.getenv("GITHUB_ACTIONS") == "true" {
		fmt.Fprint(p.streams.Err, report.Annotations(found))
	}
	return p.reported(found)
}

// writeReport writes the documents that were asked for.
func (p *program) writeReport(found contract.Report, file *pendingFile) error {
	document, err := report.JUnit(found)
	if err == nil {
		err = file.commit(document)
	}
	if err != nil || !p.json {
		return err
	}
	// Last, since an error after it would be a second document.
	if document, err = found.JSON(); err == nil {
		_, err = p.streams.Out.Write(document)
	}
	return err
}

// reported is the verdict, which --json has printed already.
func (p *program) reported(found contract.Report) error {
	err := verdict(found)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errUnreachable) && strings.Contains(found.Unreachable, "x509: "):
		err = hinted{err, "--ca-file FILE trusts a private certificate authority, or one certificate"}
	case errors.Is(err, errUnreachable):
		err = hinted{err, "start the server, or correct the URL"}
	case errors.Is(err, errNothingPassed):
		err = hinted{err, "the reasons are in the report; --start DIR can check everything"}
	}
	return told{err}
}

// find walks the contract on the server, wherever it is.
func (p *program) find(ctx context.Context, o verifyOptions, checks []contract.Check) (contract.Report, error) {
	if o.start != "" {
		return p.startProject(ctx, o.start, checks)
	}
	target, err := p.remote(o)
	if err != nil {
		return contract.Report{}, err
	}
	return p.walk(ctx, target, checks)
}

// chosen are the checks to run. Discovery is for servers whose authorization server is a real one.
func chosen(o verifyOptions) ([]contract.Check, error) {
	all := contract.Checks()
	if o.start == "" {
		all = append(all, contract.Discovery()...)
	}
	if len(o.only) == 0 {
		return all, nil
	}
	var some []contract.Check
	for _, id := range o.only {
		i := slices.IndexFunc(all, func(c contract.Check) bool { return strings.EqualFold(strings.TrimSpace(id), c.ID) })
		if i < 0 {
			return nil, usageError{fmt.Errorf("--only %s: there is no such requirement, only %s to %s", id, all[0].ID, all[len(all)-1].ID)}
		}
		some = append(some, all[i])
	}
	return some, nil
}
