package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An asker puts one question on a console that is ready for it.
type asker interface {
	// text asks for a Text or a Secret until it passes.
	text(q Question) (string, error)
	confirm(label string, def bool) (bool, error)
	choose(label string, options []string) (int, error)
}

// dialogue is the prompter on a terminal.
type dialogue struct {
	console *console
	plain   bool
	color   bool
	getenv  func(string) string
	asker   asker // nil before the first question
}

func (d *dialogue) Ask(ctx context.Context, q Question) (answer string, err error) {
	err = d.open(ctx, func() error {
		fmt.Fprint(d.console.out, helpLine(q))
		if q.Kind == JSON {
			answer, err = d.json(q)
		} else {
			answer, err = d.asker.text(q)
		}
		return err
	})
	if err != nil {
		return "", questionError(q.Key, err)
	}
	return answer, nil
}

func (d *dialogue) Confirm(ctx context.Context, label string, def bool) (yes bool, err error) {
	err = d.open(ctx, func() error {
		yes, err = d.asker.confirm(label, def)
		return err
	})
	if err != nil {
		return false, questionError(label, err)
	}
	return yes, nil
}

func (d *dialogue) Choose(ctx context.Context, label string, options []string) (chosen int, err error) {
	err = d.open(ctx, func() error {
		chosen, err = d.asker.choose(label, options)
		return err
	})
	if err != nil {
		return 0, questionError(label, err)
	}
	return chosen, nil
}

// open calls ask with the console ready and an asker chosen. End of input is an interrupt.
func (d *dialogue) open(ctx context.Context, ask func() error) error {
	end, err := d.console.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := d.choose(); err != nil {
		return err
	}
	if err := ask(); !errors.Is(err, io.EOF) {
		return err
	}
	return ErrInterrupted
}

// choose picks the asker for this terminal. survey would wait for ever on a terminal that does not say where its cursor is.
func (d *dialogue) choose() error {
	if d.asker != nil {
		return nil
	}
	if !d.plain {
		answers, err := d.console.answersQuery()
		if err != nil {
			return err
		}
		if answers {
			d.asker = newSurveyAsker(d.console, d.color)
			return nil
		}
	}
	d.asker = lineAsker{d.console}
	return nil
}

func questionError(what string, err error) error {
	if errors.Is(err, ErrInterrupted) {
		return ErrInterrupted
	}
	return fmt.Errorf("asking for %s: %w", what, err)
}

func helpLine(q Question) string {
	if q.Help == "" {
		return ""
	}
	return q.Help + "\n"
}

// check returns what is wrong with answer, never showing a secret.
func (q Question) check(answer string) error {
	if q.Check == nil {
		return nil
	}
	err := q.Check(answer)
	if err == nil || q.Kind != Secret || answer == "" || !strings.Contains(err.Error(), answer) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), answer, "***"))
}
