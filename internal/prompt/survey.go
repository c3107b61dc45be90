package prompt

import (
	"errors"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/terminal"
)

// surveyAsker asks with survey, whose Help stays empty so that "?" is an answer like any other.
type surveyAsker struct {
	in      terminal.FileReader
	out     terminal.FileWriter
	console *console
}

func newSurveyAsker(c *console, color bool) surveyAsker {
	in, out := c.surveyFiles(color)
	return surveyAsker{in: in, out: out, console: c}
}

func (a surveyAsker) text(q Question) (string, error) {
	var answer string
	err := a.ask(prompter(q), &answer, survey.WithValidator(func(value any) error {
		return q.check(q.complete(value.(string)))
	}))
	if err != nil {
		return "", err
	}
	return q.complete(answer), nil
}

func prompter(q Question) survey.Prompt {
	if q.Kind == Secret {
		return &survey.Password{Message: q.Label + defaultHint(q)}
	}
	return &survey.Input{Message: q.Label, Default: q.Default}
}

func (a surveyAsker) confirm(label string, def bool) (bool, error) {
	var yes bool
	err := a.ask(&survey.Confirm{Message: label, Default: def}, &yes)
	return yes, err
}

func (a surveyAsker) choose(label string, options []string) (int, error) {
	const most = 12 // options that are shown at a time
	var chosen int
	err := a.ask(&survey.Select{Message: label, Options: options, PageSize: min(most, len(options))}, &chosen)
	return chosen, err
}

// ask leaves the cursor visible: survey would not show it again after an error.
func (a surveyAsker) ask(p survey.Prompt, answer any, opts ...survey.AskOpt) error {
	opts = append(opts, survey.WithStdio(a.in, a.out, a.out), survey.WithShowCursor(true))
	err := a.console.runSurvey(func() error { return survey.AskOne(p, answer, opts...) })
	if errors.Is(err, terminal.InterruptErr) {
		return ErrInterrupted
	}
	return err
}
