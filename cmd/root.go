// Package cmd holds the commands of mcpauth, one file each.
//
// Standard output is data: a diff, a plan, a report. Everything said to the person goes to standard error.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mcpauth/mcpauth/internal/apply"
	"github.com/mcpauth/mcpauth/internal/buildinfo"
	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/spf13/cobra"
)

// A program is one run of mcpauth: the outside world that its commands see.
type program struct {
	streams *iostreams.Streams
	getenv  func(string) string
	args    []string // after the program's name
	noColor bool
	quiet   bool
	json    bool
}

// Main runs mcpauth with the arguments after the program's name and returns the exit code.
func Main(ctx context.Context, args []string, streams *iostreams.Streams, getenv func(string) string) int {
	p := &program{streams: streams, getenv: getenv, args: args}
	root := p.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	p.report(err)
	return exitCode(err)
}

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "mcpauth",
		Short: "MCP servers that OAuth clients can log in to",
		Long: "mcpauth gives any team an MCP server that OAuth clients can log in to, with Scalekit as the\n" +
			"authorization server.",
		Example: "  mcpauth init my-server --dev --verify   # try it, offline\n" +
			"  mcpauth dev my-server --watch           # work on it, with an authorization server beside it\n" +
			"  mcpauth init my-server                  # asks for your Scalekit settings\n" +
			"  mcpauth verify https://mcp.acme.com/mcp # check it in production\n" +
			"  mcpauth retrofit ./cmd/api --dry-run    # add MCP to a Go program that you have",
		Version:       buildinfo.Version(),
		Args:          cobra.ArbitraryArgs,
		RunE:          unknownCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		// How many letters may be wrong for a suggestion.
		SuggestionsMinimumDistance: 2,
		PersistentPreRun: func(*cobra.Command, []string) {
			if p.noColor {
				p.streams.DisableColor()
			}
			if p.quiet {
				p.streams.Silence()
			}
		},
	}
	root.SetVersionTemplate("mcpauth {{.Version}}\n")
	root.SetIn(p.streams.In)
	root.SetOut(p.streams.Out)
	root.SetErr(p.streams.Err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return hinted{usageError{err}, "see " + c.CommandPath() + " --help"}
	})
	flags := root.PersistentFlags()
	flags.BoolVar(&p.noColor, "no-color", false, "no colour, as with the environment variable NO_COLOR")
	flags.BoolVar(&p.quiet, "quiet", false, "say nothing but errors and data")
	flags.BoolVar(&p.json, "json", false, "print one JSON document on standard output")
	root.AddCommand(p.initCommand(), p.retrofitCommand(), p.applyCommand(), p.devCommand(), p.tokenCommand(), p.verifyCommand(), p.versionCommand(), exitCodesTopic(), refusalsTopic())
	return root
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if p.json {
				return p.printJSON(map[string]string{"schema": "mcpauth.version/v1", "version": buildinfo.Version()})
			}
			_, err := fmt.Fprintln(p.streams.Out, "mcpauth", buildinfo.Version())
			return err
		},
	}
}

// exitCodesTopic is help without a command: mcpauth help exit-codes.
func exitCodesTopic() *cobra.Command {
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: strings.TrimSuffix(exitHelp, "\n")}
}

// unknownCommand runs where no command was named, or one that there is not.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return root.Help()
	}
	hint := "see mcpauth --help"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return hinted{usageError{fmt.Errorf("unknown command %q", args[0])}, hint}
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return hinted{usageError{fmt.Errorf("%s takes no arguments, but got %q", c.CommandPath(), args)}, "see " + c.CommandPath() + " --help"}
}

// say prints a line for the person, unless --quiet.
func (p *program) say(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.streams.Err, format+"\n", args...)
	}
}

// report prints err with its remedy on standard error, and with --json as a document on standard output.
func (p *program) report(err error) {
	if err == nil {
		return
	}
	if p.json && !is[told](err) {
		p.printJSON(newErrorDocument(err))
	}
	fmt.Fprintln(p.streams.Err, "mcpauth: "+printable(describe(err)))
	p.sayRefusal(err)
	if h, ok := errors.AsType[hinted](err); ok {
		fmt.Fprintln(p.streams.Err, "hint: "+h.hint)
	}
}

func describe(err error) string {
	if is[abandoned](err) {
		return "interrupted; keys that were rotated on mcpauth dev stay so"
	}
	failed, _ := errors.AsType[*apply.Failed](err)
	if exitCode(err) == exitInterrupted && !errors.Is(err, errDeclined) && (failed == nil || failed.Undo == nil) {
		return "interrupted; nothing was left behind"
	}
	return err.Error()
}
