// Package prompt asks the person at the terminal for missing answers.
//
// Prompts are written to standard error only. A terminal that answers a cursor position query gets
// AlecAivazis/survey; any other terminal, and anybody who sets ACCESSIBLE, gets plain lines. Whatever
// happens during a question, the terminal is back in its old mode when the call returns or panics.
package prompt

import (
	"context"
	"errors"
	"os"

	"github.com/mcpauth/mcpauth/internal/iostreams"
)

// Kind says how an answer is typed.
type Kind int

const (
	// Text is one line. Space around it is dropped.
	Text Kind = iota
	// Secret is one line that is not shown, neither typed nor as a default.
	Secret
	// JSON is a JSON object: pasted, over several lines if need be; or named by a file's path; or typed
	// after "-", up to a line with only "." or Ctrl-D. The answer is the JSON text itself.
	JSON
)

// A Question is asked until its answer passes.
type Question struct {
	Key     string // name of the answer in scripts and errors, for example "env_url"
	Label   string // what is asked for, without a colon
	Help    string // one line that is always shown: where to find the answer
	Default string // taken when the person only presses Enter
	Kind    Kind
	// Check refuses an answer, nil accepts all. Its error is shown before the question is asked again,
	// without the answer in it when that is a Secret. It sees the default, too.
	Check func(string) error
}

// A Prompter asks one question at a time. It is not safe for concurrent use.
//
// Its methods return ErrInterrupted soon after ctx ends. While a question is open the terminal
// sends no SIGINT: Ctrl-C is read as a key and gives the same error. Between questions it does,
// so the program turns SIGINT into the end of ctx to treat both alike.
type Prompter interface {
	Ask(ctx context.Context, q Question) (string, error)
	// Confirm asks a yes-or-no question; def is taken when the person only presses Enter.
	Confirm(ctx context.Context, label string, def bool) (bool, error)
	// Choose asks for one of the options, each one line, and returns its index. There is no default.
	Choose(ctx context.Context, label string, options []string) (int, error)
}

var (
	// ErrInterrupted says that the person pressed Ctrl-C or Ctrl-D, that the terminal hung up, or that ctx ended.
	ErrInterrupted = errors.New("interrupted")
	// ErrNoTerminal says that there is nobody to ask.
	ErrNoTerminal = errors.New("no terminal to ask on")
)

// New returns the prompter for streams. With noInput, or without a terminal on both standard input and
// standard error, every question fails with ErrNoTerminal: see [Interactive].
//
// The terminal is not touched before the first question. One run of the program makes one prompter:
// it holds what was typed ahead. getenv is read for the home directory in a path that starts with "~/".
func New(streams *iostreams.Streams, getenv func(string) string, noInput bool) Prompter {
	in, inOK := streams.In.(*os.File)
	out, outOK := streams.Err.(*os.File)
	if noInput || !inOK || !outOK || !streams.InTerminal() || !streams.ErrTerminal() {
		return none{}
	}
	return &dialogue{
		console: newConsole(in, out),
		plain:   streams.Plain(),
		color:   streams.ColorErr(),
		getenv:  getenv,
	}
}

// Interactive says whether p can ask anybody: New found a terminal, or p is not from New.
func Interactive(p Prompter) bool {
	_, ok := p.(none)
	return !ok
}
