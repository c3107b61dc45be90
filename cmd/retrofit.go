package cmd

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// retrofitOptions are the arguments of mcpauth retrofit.
type retrofitOptions struct {
	dir     string // of a Go program; of another one, the file that creates its application
	server  string // file:line
	mcpPath string
	scopes  []string
	protect protectOptions

	planFile string

	allowUpgrades, noTests, undo bool

	writing
	survey surveyOptions
	trial  trialOptions
	report string    // a file; empty for none
	ran    *commands // to prove the patch
}

// undoRecord is where a patched module says how to take the patch back.
const undoRecord = gopatch.Glue + "/undo.json"

func (p *program) retrofitCommand() *cobra.Command {
	o := retrofitOptions{ran: new(commands)}
	var flags *pflag.FlagSet
	c := &cobra.Command{
		Use:   "retrofit TARGET",
		Short: "Add a protected MCP endpoint to a program that serves HTTP",
		Long: "Add a protected MCP endpoint to the Go program in the directory TARGET. What is ours goes into new files; your file\n" +
			"changes where the handler is handed to net/http. The result is built and vetted, and your tests of what it reaches are\n" +
			"run, before anything is written.\n\n" + scriptHelp() + "\n\n" + trialHelp,
		Example: "  mcpauth retrofit ./cmd/api --dry-run   # the change as a diff\n" +
			"  mcpauth retrofit ./cmd/api\n" +
			"  mcpauth retrofit ./cmd/api --plan plan.json && mcpauth apply plan.json\n" +
			"  mcpauth retrofit app/main.py           # FastAPI\n" +
			"  mcpauth retrofit ./cmd/api --undo",
		Args: func(c *cobra.Command, args []string) error {
			if o.survey.dir != "" {
				return noArgs(c, args)
			}
			return oneProgram(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := interruptible(c.Context())
			defer stop()
			if o.survey.dir != "" {
				return p.surveyRetrofit(ctx, o.survey)
			}
			o.dir = args[0]
			if l, ok := languageOf(o.dir); ok {
				return p.retrofitFile(ctx, o, l, flags)
			}
			if o.undo && (o.trial.verify || o.report != "") {
				return usageError{errors.New("--verify and --report are for a patch, not for --undo")}
			}
			if o.undo {
				return p.undoRetrofit(ctx, o)
			}
			root, _ := moduleRoot(o.dir)
			return withFrame(root, p.retrofit(ctx, o))
		},
	}
	c.ValidArgsFunction = programAt(0)
	flags = c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.server, "server", "", "the server to patch, FILE:LINE as the list of servers names it")
	flags.StringVar(&o.mcpPath, "mcp-path", "", "path of the MCP endpoint (default: / where nothing answers it, or /mcp)")
	o.protect.flags(flags)
	flags.StringSliceVar(&o.scopes, "scopes", []string{"profile:read"}, "scopes that the sample protected tool requires, comma separated")
	flags.BoolVar(&o.allowUpgrades, "allow-upgrades", false, "let versions that the program asks for move up: of packages, the go line, the least Python")
	flags.BoolVar(&o.noTests, "no-tests", false, "do not run your tests of what the change reaches")
	flags.StringVar(&o.planFile, "plan", "", "write the plan to this file, for mcpauth apply, and nothing else")
	flags.BoolVar(&o.undo, "undo", false, "take the patch back")
	o.define(c)
	o.survey.define(flags)
	o.trial.define(flags)
	flags.StringVar(&o.report, "report", "", "write a report for the pull request to this file, in Markdown")
	noFiles(c, "server", "mcp-path", "scopes")
	return c
}

func oneProgram(_ *cobra.Command, args []string) error {
	err := fmt.Errorf("retrofit takes one program, but got %q", args)
	if len(args) == 1 && args[0] != "" {
		if _, known := languageOf(args[0]); known || !regular(args[0]) {
			return nil
		}
		err = fmt.Errorf("retrofit knows no language of the file %s", args[0])
	}
	return hinted{usageError{err}, "mcpauth retrofit ./cmd/api for the directory of a Go program, mcpauth retrofit app/main.py for the file of another one"}
}

// retrofit runs source → survey → patch → plan → proof → preview → apply.
func (p *program) retrofit(ctx context.Context, o retrofitOptions) error {
	if err := checkRetrofit(o); err != nil {
		return err
	}
	root, ok := moduleRoot(o.dir)
	if !ok {
		return noProgram(ctx, o.dir, "")
	}
	if err := p.recoverModule(root, o.touching()); err != nil {
		return err
	}
	m, err := p.source(ctx, o.dir)
	if err != nil {
		return err
	}
	survey := gopatch.Find(m)
	if survey.Protected != "" {
		found, err := p.tryPatched(ctx, o, m, survey)
		if err != nil {
			return err
		}
		return p.sayProtected(o, goSubject(m), survey.Protected, found)
	}
	if isRendered(m, survey) {
		return p.sayRendered(o, m, survey)
	}
	return p.patch(ctx, o, m, survey)
}

// touching is how the run comes to the files of the module: with --plan as with --dry-run, not at all.
func (o retrofitOptions) touching() writing {
	w := o.writing
	w.dryRun = w.dryRun || o.planFile != ""
	return w
}

// patch asks what has to be asked, and makes the plan and what is wanted of it.
func (p *program) patch(ctx context.Context, o retrofitOptions, m *gosource.Module, survey *gopatch.Survey) error {
	prompter := prompt.New(p.streams, p.getenv, o.noInput)
	note, err := p.checkTree(ctx, m.Dir, o.touching(), prompter, o.planFile, o.report)
	if err != nil {
		return err
	}
	var asked bool
	if o.server, asked, err = chooseServer(ctx, o.server, prompter, survey); err != nil {
		return err
	}
	change, err := p.planRetrofit(ctx, o, m, survey)
	if err != nil {
		return err
	}
	if note != "" && o.planFile == "" { // in a saved plan it would say what was, not what is
		change.Notes = append(change.Notes, note)
	}
	if err := p.carryOut(ctx, o, prompter, m, survey, change); err != nil {
		return err
	}
	if asked {
		p.sayEquivalent("--server", o.server)
	}
	return nil
}

func checkRetrofit(o retrofitOptions) error {
	if o.dryRun && o.planFile != "" {
		return hinted{usageError{errors.New("--dry-run writes nothing, a plan neither")}, "use --plan alone, and see the diff with mcpauth apply " + shellWord(o.planFile) + " --dry-run"}
	}
	if o.mcpPath != "" && (o.mcpPath != path.Clean(o.mcpPath) || !strings.HasPrefix(o.mcpPath, "/") || !plainPath(o.mcpPath)) {
		return usageError{fmt.Errorf("--mcp-path %q is not a plain path: use / or, for example, /mcp", o.mcpPath)}
	}
	if reserved(o.mcpPath) {
		return usageError{fmt.Errorf("--mcp-path %q is where the endpoint answers without a token: use / or, for example, /mcp", o.mcpPath)}
	}
	if err := o.protect.check(); err != nil {
		return err
	}
	for _, scope := range o.scopes {
		if scope == "" || strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			return usageError{fmt.Errorf("--scopes: %q is not a scope: use names such as profile:read, comma separated", scope)}
		}
	}
	if err := o.trial.check(); err != nil {
		return err
	}
	return o.checkPlanFile()
}

func plainPath(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._~-", r))
	})
}

func (p *program) sayProtected(o retrofitOptions, s subject, where string, found *trialReport) error {
	if o.planFile != "" {
		return p.savePlan(o, s, plan.Plan{}, nil) // for mcpauth apply to find that there is nothing to do
	}
	if p.json {
		return p.printJSON(retrofitDocument{Schema: retrofitSchema, Result: "unchanged", Plan: plan.NewDocument(s.root, plan.Plan{}), Verify: found})
	}
	p.say("The program serves through the MCP endpoint already, at %s. Nothing to do.", where)
	return nil
}

// writeRetrofit asks, writes, and says what to do next.
func (p *program) writeRetrofit(
	ctx context.Context, o retrofitOptions, prompter prompt.Prompter, root string, change plan.Plan, found *trialReport,
) error {
	if err := p.writeChange(ctx, root, change, o.writing, prompter); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(retrofitDocument{Schema: retrofitSchema, Result: "patched", Plan: plan.NewDocument(root, change), Verify: found})
	}
	p.say("Wrote %d files to %s.", len(change.Ops), filepath.Clean(root))
	p.sayPatched(o.dir, change)
	return nil
}

// sayPatched tells what to do with a patched program.
func (p *program) sayPatched(target string, change plan.Plan) {
	p.say("")
	p.say("Next: set SK_ENV_URL, EXPECTED_AUDIENCE and PROTECTED_RESOURCE_METADATA where the program runs; %s", nextStep(change))
	p.say("To take all of it back: mcpauth retrofit %s --undo", shellWord(target))
}

// nextStep says what a program does without settings, and where its tools are.
func nextStep(change plan.Plan) string {
	for _, op := range change.Ops {
		switch op.Path {
		case gopatch.Glue + "/stdio.go":
			return "with MCP_HTTP=1 it\nserves over HTTP, and without them it ends at once."
		case gopatch.Glue + "/internal/tools/tools.go":
			return "without them\nthe endpoint answers 503. Your tools go into " + path.Dir(op.Path) + "."
		}
		if strings.Contains("/"+op.Path, "/"+script.Folder+"/tools") {
			return "without them\nthe endpoint answers 503. Your tools go into " + op.Path + "."
		}
	}
	return "without them\nMCP answers 503."
}

const retrofitSchema = "mcpauth.retrofit/v1"

// A retrofitDocument is what retrofit and apply print with --json when they succeed.
type retrofitDocument struct {
	Schema string        `json:"schema"`
	Result string        `json:"result"` // patched, planned, unchanged or undone
	Plan   plan.Document `json:"plan"`
	Verify *trialReport  `json:"verify,omitempty"` // with --verify
}
