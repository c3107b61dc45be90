package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver/control"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/spf13/cobra"
)

// tokenOptions are the arguments of mcpauth token.
type tokenOptions struct {
	envURL     string
	scope      *string // nil: not given
	audience   []string
	subject    string
	expiresIn  time.Duration
	issuerForm string
	bad        string
}

func (p *program) tokenCommand() *cobra.Command {
	o := tokenOptions{}
	var scope string
	c := &cobra.Command{
		Use:   "token",
		Short: "Print a token of the local authorization server",
		Long: "Print an access token, and nothing else, of the local authorization server that mcpauth dev runs. It is for\n" +
			"development: no server that others can reach should trust it.\n\n" +
			"--bad KIND makes a token that every server must refuse, for one reason; --bad list tells the kinds and reasons.",
		Example: `  curl -H "Authorization: Bearer $(mcpauth token)" http://localhost:3002/` + "\n" +
			"  mcpauth token --scope 'notes:read notes:write' --expires-in 5m --json\n" +
			"  mcpauth token --bad expired",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("scope") {
				o.scope = &scope
			}
			if err := o.check(c); err != nil {
				return err
			}
			return p.token(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.envURL, "env-url", "", "the authorization server (default: SK_ENV_URL, the project in this folder, or "+defaultEnvironment+")")
	flags.StringVar(&scope, "scope", "", "scopes, separated by spaces")
	flags.StringArrayVar(&o.audience, "audience", nil, "aud in place of the server's, may be repeated")
	flags.StringVar(&o.subject, "subject", "", "sub in place of a made-up user")
	flags.DurationVar(&o.expiresIn, "expires-in", 0, "time until it expires, such as 90s or 2h (default 1h)")
	flags.StringVar(&o.issuerForm, "issuer-form", "", "iss: env or resource (default: as mcpauth dev was told)")
	flags.StringVar(&o.bad, "bad", "", "make a bad token of this kind; list: list the kinds")
	return c
}

func (o tokenOptions) check(c *cobra.Command) error {
	flags := c.Flags()
	for _, flag := range []string{"env-url", "subject", "issuer-form", "bad"} {
		if value, _ := flags.GetString(flag); flags.Changed(flag) && value == "" {
			return usageError{fmt.Errorf("--%s is given an empty value", flag)}
		}
	}
	if o.issuerForm != "" {
		if err := checkIssuerForm(o.issuerForm); err != nil {
			return err
		}
	}
	if flags.Changed("expires-in") && o.expiresIn < time.Second {
		return hinted{usageError{fmt.Errorf("--expires-in %v is less than a second", o.expiresIn)}, "--bad expired makes a token that has expired"}
	}
	for _, flag := range []string{"scope", "audience", "subject", "expires-in", "issuer-form"} {
		if o.bad != "" && flags.Changed(flag) {
			return usageError{fmt.Errorf("--bad makes a good token with one defect, which --%s would hide: leave one of them out", flag)}
		}
	}
	return nil
}

// A tokenDocument is what token --json prints.
type tokenDocument struct {
	Schema string `json:"schema"`
	control.Token
}

func (p *program) token(ctx context.Context, o tokenOptions) error {
	environment, source, err := p.environment(o)
	if err != nil {
		return err
	}
	client, err := control.New(environment)
	if err != nil {
		return hinted{usageError{fmt.Errorf("%s: %w: a token is asked of a local authorization server only", source, err)}, "--env-url " + defaultEnvironment}
	}
	if o.bad == "list" {
		return p.listBad(ctx, client)
	}
	token, err := client.Token(ctx, control.TokenRequest{
		Scope: o.scope, Audience: o.audience, Subject: o.subject,
		ExpiresIn: int(o.expiresIn / time.Second), IssuerForm: o.issuerForm, Bad: o.bad,
	})
	switch {
	case err != nil:
		return withTokenHint(err, o.bad != "")
	case p.json:
		return p.printJSON(tokenDocument{"mcpauth.token/v1", token})
	}
	_, err = fmt.Fprintln(p.streams.Out, token.AccessToken)
	return err
}

// environment finds the authorization server, and says who named it.
func (p *program) environment(o tokenOptions) (url, source string, err error) {
	if o.envURL != "" {
		return o.envURL, "--env-url", nil
	}
	if fromEnv := p.getenv(contract.VarEnvironment); fromEnv != "" {
		return fromEnv, contract.VarEnvironment, nil
	}
	found, err := load(".")
	if errors.Is(err, project.ErrNone) {
		return defaultEnvironment, "the default", nil
	}
	if err != nil {
		return "", "", err
	}
	w, err := wire(found, dev.Ports{})
	return w.Environment, project.File, err
}

func withTokenHint(err error, bad bool) error {
	if errors.Is(err, control.ErrNotRunning) {
		return hinted{err, "start it with mcpauth dev, or name another with --env-url"}
	}
	refused, ok := errors.AsType[*control.RefusedError](err)
	switch {
	case ok && refused.Status == http.StatusBadRequest && bad:
		return hinted{usageError{err}, "--bad list lists the kinds"}
	case ok && refused.Status == http.StatusBadRequest:
		return usageError{err}
	}
	return err
}

// listBad lists the kinds of bad tokens, each with the reason to refuse it.
func (p *program) listBad(ctx context.Context, client *control.Client) error {
	kinds, err := client.BadKinds(ctx)
	if err != nil {
		return withTokenHint(err, false)
	}
	if p.json {
		return p.printJSON(map[string]any{"schema": "mcpauth.bad-tokens/v1", "kinds": kinds})
	}
	width := 0
	for _, k := range kinds {
		width = max(width, len(k.Kind))
	}
	for _, k := range kinds {
		if _, err := fmt.Fprintf(p.streams.Out, "%-*s  %s\n", width, k.Kind, cmp.Or(k.Why, "-")); err != nil {
			return err
		}
	}
	return nil
}
