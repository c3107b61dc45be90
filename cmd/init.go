package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/internal/apply"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/templates"
	"github.com/spf13/cobra"
)

// initOptions are the arguments of mcpauth init.
type initOptions struct {
	dir         string
	stack       string
	flags       map[string]string // answers given as flags, by key
	answersFile string

	dev, dryRun, yes, noInput, force, verify bool
}

func (p *program) initCommand() *cobra.Command {
	o := initOptions{}
	c := &cobra.Command{
		Use:   "init DIR",
		Short: "Make a new MCP server that is protected with OAuth",
		Long: "Make a new MCP server in DIR. Answers come from flags, the environment, --answers FILE, and questions\n" +
			"on the terminal, in this order. Nothing is written before every answer is checked.",
		Example: "  mcpauth init my-server --dev --verify\n" +
			"  mcpauth init my-server\n" +
			"  mcpauth init my-server --no-input --env-url https://acme.scalekit.com --metadata @metadata.json",
		Args: oneDirectory,
		RunE: func(c *cobra.Command, args []string) error {
			o.dir = args[0]
			o.flags = changedAnswers(c)
			ctx, stop := interruptible(c.Context())
			defer stop()
			return p.init(ctx, o)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	for _, f := range config.Fields() {
		flags.String(f.Flag, "", f.Usage)
	}
	flags.StringVar(&o.stack, "stack", templates.Default, "what to render: "+strings.Join(templates.Names(), ", "))
	flags.StringVar(&o.answersFile, "answers", "", "YAML file with answers, - for stdin")
	flags.BoolVar(&o.dev, "dev", false, "make up the missing answers for offline work, no account needed")
	flags.BoolVar(&o.verify, "verify", false, "build the server, run its tests and check the contract before anything is written")
	flags.BoolVar(&o.dryRun, "dry-run", false, "print what would be written as a diff, write nothing")
	flags.BoolVar(&o.force, "force", false, "write into a directory that is not empty; overwritten files are named first")
	flags.BoolVarP(&o.yes, "yes", "y", false, "take defaults and do not ask for confirmation")
	flags.BoolVar(&o.noInput, "no-input", false, "never ask; a missing answer is an error")
	return c
}

func oneDirectory(c *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] != "" {
		return nil
	}
	return hinted{usageError{fmt.Errorf("init takes one directory, but got %q", args)}, "mcpauth init my-server"}
}

func changedAnswers(c *cobra.Command) map[string]string {
	given := make(map[string]string)
	for _, f := range config.Fields() {
		if flag := c.Flags().Lookup(f.Flag); flag.Changed {
			given[f.Key] = flag.Value.String()
		}
	}
	return given
}

// init runs answers → config → plan → preview → apply.
func (p *program) init(ctx context.Context, o initOptions) error {
	stack, err := templates.Load(o.stack)
	if err != nil {
		return usageError{err}
	}
	if o.dryRun && o.verify {
		return usageError{errors.New("--dry-run writes nothing that --verify could build: use one of them")}
	}
	prompter := prompt.New(p.streams, p.getenv, o.noInput)
	a, err := p.answers(ctx, o, stack, prompter)
	if err != nil {
		return err
	}
	c, problems := config.New(a.answers)
	if len(problems) > 0 {
		return problemsError{doing: "checking the answers", problems: problems}
	}
	wanted, err := generator.Create(o.stack, c)
	if err != nil {
		return fmt.Errorf("rendering %s: %w", o.dir, err)
	}
	t := target{dir: o.dir, secrets: map[string]string{"SK_CLIENT_SECRET": generator.EnvValue(a.answers.Value(config.KeySecret))}}
	change, err := t.inspect(wanted, o.force, o.dryRun)
	if err != nil {
		return err
	}
	switch {
	case len(change.Ops) == 0:
		return p.unchanged(ctx, o, stack, t, c)
	case o.dryRun:
		return p.preview(t, change)
	}
	if err := p.confirm(ctx, o, prompter, &t, change); err != nil {
		return err
	}
	return p.write(ctx, o, stack, t, change, c, a)
}

// write applies the change and says what to do next.
func (p *program) write(ctx context.Context, o initOptions, stack templates.Stack, t target, change plan.Plan, c config.Config, a gathered) error {
	var report verification
	var staged func(string) error
	if o.verify {
		staged = func(dir string) error {
			if t.inPlace {
				if err := check.CopyRest(dir, t.dir); err != nil {
					return err
				}
			}
			return p.verify(ctx, stack, dir, c, &report)
		}
	}
	result, err := t.apply(ctx, change, staged)
	if err != nil {
		return withHint(err, stack)
	}
	p.sayResult(result)
	if p.json {
		return p.printJSON(newInitDocument(t, change, "created", report))
	}
	p.sayCreated(t, change)
	p.sayNext(o, stack, c, a)
	return nil
}

// withHint tells how to mend what keeps --verify from its work.
func withHint(err error, stack templates.Stack) error {
	switch {
	case errors.Is(err, check.ErrNoTool):
		return hinted{err, "install " + stack.Needs + ", or leave out --verify"}
	case is[*apply.Rejected](err) && !is[check.BrokenError](err):
		return hinted{err, "--verify needs the packages once, from the network, and a place for temporary files; leave it out to go on without"}
	}
	return err
}

func (p *program) sayResult(r apply.Result) {
	for _, path := range r.Swept {
		p.say("Removed %s, left by a run that was killed.", path)
	}
	for _, path := range r.Left {
		p.say("Could not remove %s: delete it by hand.", path)
	}
}

func (p *program) sayCreated(t target, change plan.Plan) {
	p.say("Wrote %d files to %s.", len(change.Ops), filepath.Clean(t.dir))
	if !t.shown {
		p.sayNotes(change)
	}
}
