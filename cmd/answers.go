package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/templates"
)

// gathered are the answers, and which of them the person typed.
type gathered struct {
	answers config.Answers
	asked   bool
}

// A problemsError reports every wrong or missing answer at once.
type problemsError struct {
	doing    string
	problems []config.Problem
}

func (e problemsError) Error() string {
	lines := []string{e.doing + ":"}
	for _, p := range e.problems {
		lines = append(lines, "  "+p.Error())
	}
	return strings.Join(lines, "\n")
}

// answers gathers answers from flags, environment, file and person, in this order.
func (p *program) answers(ctx context.Context, o initOptions, stack templates.Stack, prompter prompt.Prompter) (gathered, error) {
	a, unread := p.given(o)
	unread = append(unread, foreign(a, stack)...)
	if o.dev {
		config.Dev(a)
	}
	config.Name(a, absolute(o.dir))
	for _, f := range foreignFields(stack) {
		delete(a, f.Key)
	}
	g := gathered{answers: a}
	if len(unread) > 0 || !prompt.Interactive(prompter) {
		return g, refuse(a, unread)
	}
	i := &interview{prompter: prompter, say: p.say, answers: a, yes: o.yes}
	if len(i.open()) > 0 && !o.dryRun {
		if err := (&target{dir: o.dir}).refuseEarly(o); err != nil {
			return g, err
		}
	}
	err := i.run(ctx)
	g.asked = i.asked
	return g, err
}

// foreign are the answers that the stack has no use for, and those that it cannot be rendered with.
func foreign(a config.Answers, stack templates.Stack) []config.Problem {
	var problems []config.Problem
	for _, f := range foreignFields(stack) {
		if answer, answered := a[f.Key]; answered {
			problems = append(problems, config.Problem{
				Key: f.Key, Source: answer.Source, Value: answer.Value, Text: "the stack " + stack.Name + " has none: leave it out",
			})
		}
	}
	for _, f := range config.Fields() {
		answer := a[f.Key]
		if reason := stack.Lacking(config.Trait(f.Key, answer.Value)); reason != "" {
			problems = append(problems, config.Problem{Key: f.Key, Source: answer.Source, Value: answer.Value, Text: reason})
		}
	}
	return problems
}

func foreignFields(stack templates.Stack) []config.Field {
	return slices.DeleteFunc(config.Fields(), func(f config.Field) bool { return f.Language == "" || f.Language == stack.Language })
}

// given reads the answers that are there before anybody is asked.
func (p *program) given(o initOptions) (config.Answers, []config.Problem) {
	in := &source{stdin: p.streams.In}
	a := config.Answers{}
	problems := in.file(a, o.answersFile)
	for _, f := range config.Fields() {
		if value, ok := o.flags[f.Key]; ok {
			a[f.Key] = config.Answer{Value: value, Source: "--" + f.Flag}
		} else if value := p.getenv(f.Env); f.Env != "" && value != "" {
			a[f.Key] = config.Answer{Value: value, Source: f.Env}
			continue // the value itself, not the name of a file
		}
		if problem := in.resolve(a, f); problem != nil {
			problems = append(problems, *problem)
			delete(a, f.Key)
		}
	}
	return a, problems
}

// A source reads answers that are given as the name of a file, or as - for standard input.
type source struct {
	stdin io.Reader
	taken string // who has read standard input
}

func (s *source) file(a config.Answers, name string) []config.Problem {
	if name == "" {
		return nil
	}
	data, err := s.read(name, "--answers")
	if err != nil {
		return []config.Problem{{Key: "answers", Source: "--answers", Value: name, Text: err.Error()}}
	}
	found, problems := config.ParseAnswers(data, name)
	for _, f := range config.Fields() {
		if answer, ok := found[f.Key]; ok {
			answer.Value = beside(name, answer.Value, f.Kind)
			a[f.Key] = answer
		}
	}
	return problems
}

// beside makes a file name in an answers file relative to that file.
func beside(answersFile, value string, kind config.Kind) string {
	name, at := strings.CutPrefix(value, "@")
	switch {
	case answersFile == "-" || value == "" || value == "-" || filepath.IsAbs(name):
		return value
	case kind == config.Secret:
		return filepath.Join(filepath.Dir(answersFile), value)
	case kind == config.JSON && at:
		return "@" + filepath.Join(filepath.Dir(answersFile), name)
	}
	return value
}

// resolve replaces an answer that names a file by what the file holds.
func (s *source) resolve(a config.Answers, f config.Field) *config.Problem {
	answer, ok := a[f.Key]
	name := answer.Value
	switch {
	case !ok || name == "":
		return nil
	case f.Kind == config.JSON && name != "-":
		if name, ok = strings.CutPrefix(name, "@"); !ok {
			return nil
		}
	case f.Kind == config.Text:
		return nil
	}
	data, err := s.read(name, answer.Source)
	if err != nil {
		return &config.Problem{Key: f.Key, Source: answer.Source, Value: name, Text: err.Error()}
	}
	a[f.Key] = config.Answer{Value: strings.TrimSpace(string(data)), Source: answer.Source}
	return nil
}

const maxInput = 1 << 20 // bytes of a file or of standard input

func (s *source) read(name, who string) ([]byte, error) {
	in := s.stdin
	if name == "-" {
		if s.taken != "" {
			return nil, fmt.Errorf("standard input was read for %s already: give one of them as a file", s.taken)
		}
		s.taken = who
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%w: give the name of a file that can be read", err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = fmt.Errorf("longer than %d KiB: give the right file", maxInput>>10)
	}
	return data, err
}

// refuse reports in one list the answers that could not be read, are missing, or are wrong; nil if there are none.
func refuse(a config.Answers, unread []config.Problem) error {
	_, found := config.New(a)
	problems := unread
	for _, p := range found {
		if !slices.ContainsFunc(unread, func(u config.Problem) bool { return u.Key == p.Key }) {
			problems = append(problems, p)
		}
	}
	switch {
	case len(problems) == 0:
		return nil
	case len(config.Missing(a)) > 0 && len(unread) == 0:
		return hinted{problemsError{"answers are missing, and there is no terminal to ask on", problems}, "--dev makes up answers for offline work"}
	}
	return problemsError{"checking the answers", problems}
}

const typed = "typed" // the source of answers that the person gave

// An interview asks the person until the answers fit together.
type interview struct {
	prompter prompt.Prompter
	say      func(format string, args ...any)
	answers  config.Answers
	yes      bool // ask only where there is no default
	asked    bool
}

func (i *interview) run(ctx context.Context) error {
	for {
		if err := i.round(ctx); err != nil {
			return err
		}
		_, problems := config.New(i.answers)
		if !i.reopen(problems) {
			return nil
		}
	}
}

// round asks every question that is open.
func (i *interview) round(ctx context.Context) error {
	for _, f := range i.open() {
		q := prompt.Question{Key: f.Key, Label: f.Label, Help: f.Help, Kind: kinds(f.Kind), Check: needed(f)}
		if f.Default != nil {
			q.Default = f.Default(i.answers.WithDefaults())
		}
		value, err := i.prompter.Ask(ctx, q)
		if err != nil {
			return fmt.Errorf("asking for %s: %w", f.Key, err)
		}
		i.answers[f.Key] = config.Answer{Value: value, Source: typed}
		i.asked = true
	}
	return nil
}

func (i *interview) open() []config.Field {
	var open []config.Field
	for _, f := range config.Fields() {
		_, answered := i.answers[f.Key]
		if !answered && f.Label != "" && !(i.yes && (f.Optional || f.Default != nil)) {
			open = append(open, f)
		}
	}
	return open
}

// reopen shows problems and withdraws the typed answers that have them. It says whether there were any:
// the other problems are for the command line to mend.
func (i *interview) reopen(problems []config.Problem) bool {
	again := false
	for _, p := range problems {
		if i.answers[p.Key].Source == typed {
			i.say("%v", p)
			delete(i.answers, p.Key)
			again = true
		}
	}
	return again
}

func kinds(k config.Kind) prompt.Kind {
	return map[config.Kind]prompt.Kind{config.Text: prompt.Text, config.Secret: prompt.Secret, config.JSON: prompt.JSON}[k]
}

// needed checks a value and also refuses an empty answer where one is needed.
func needed(f config.Field) func(string) error {
	return func(value string) error {
		if value == "" && f.Optional {
			return nil
		}
		if value == "" {
			return errors.New("an answer is needed")
		}
		return f.Check(value)
	}
}
