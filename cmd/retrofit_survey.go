package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/mcpauth/mcpauth/internal/survey"
	"github.com/spf13/pflag"
)

// surveyOptions are hidden arguments of mcpauth retrofit: people who work on it try it on a folder of programs.
type surveyOptions struct {
	dir  string // empty for the ordinary job
	list string
}

func (o *surveyOptions) define(flags *pflag.FlagSet) {
	flags.StringVar(&o.dir, "survey", "", "try it on copies of all programs in this folder, and print a table")
	flags.StringVar(&o.list, "survey-list", "", "only the programs in this file: a directory a line, and after a tab FILE:LINE of its server")
	for _, name := range []string{"survey", "survey-list"} {
		flags.Lookup(name).Hidden = true
	}
}

// surveyRetrofit prints a row for each program. Those that cannot be copied are reported at the end.
func (p *program) surveyRetrofit(ctx context.Context, o surveyOptions) error {
	programs, err := surveyed(o)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(p.streams.Out, survey.Header()); err != nil {
		return err
	}
	s := survey.Survey{Dir: absolute(o.dir), Retrofit: p.retrofitAside}
	var failed error
	for i, program := range programs {
		p.say("%d/%d %s", i+1, len(programs), program.Dir)
		row, err := s.Run(ctx, program)
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			if _, err := fmt.Fprintln(p.streams.Out, row); err != nil {
				return err
			}
		}
	}
	return failed
}

func surveyed(o surveyOptions) ([]survey.Program, error) {
	programs, err := survey.Programs(o.dir)
	if err != nil {
		return nil, err
	}
	if o.list == "" {
		return programs, nil
	}
	list, err := os.ReadFile(o.list)
	if err != nil {
		return nil, fmt.Errorf("reading the list of programs: %w", err)
	}
	return survey.Listed(programs, string(list))
}

// retrofitAside runs the command as without a terminal, and returns its exit code and what it said. The copies are nobody's
// work, and the survey runs their tests itself.
func (p *program) retrofitAside(ctx context.Context, args ...string) (int, string) {
	var out, said bytes.Buffer
	streams := iostreams.New(strings.NewReader(""), &out, &said, p.getenv)
	code := Main(ctx, append([]string{"retrofit", "--no-input", "--no-tests", "--allow-dirty"}, args...), streams, p.getenv)
	return code, said.String()
}
