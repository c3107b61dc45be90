package cmd

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// chooseServer returns the position of the server to patch, as Survey.Choose takes it, and whether the person has chosen it
// from the list: of several, where none is wanted and somebody can answer.
func chooseServer(ctx context.Context, wanted string, prompter prompt.Prompter, survey *gopatch.Survey) (position string, asked bool, err error) {
	_, err = survey.Choose(wanted)
	r, ok := errors.AsType[*refusal.Refusal](err)
	if !ok || r.Code != refusal.CodeMulti || !prompt.Interactive(prompter) {
		return wanted, false, nil
	}
	options := survey.List()
	for i := range options {
		options[i] = printable(options[i])
	}
	chosen, err := prompter.Choose(ctx, "Which server is MCP to be at?", options)
	if err != nil {
		return "", true, err
	}
	return survey.Servers[chosen].Sites[0].Position, true, nil
}

// sayEquivalent shows the command line with the answers in it, which asks no questions.
func (p *program) sayEquivalent(answers ...string) {
	words := slices.Clone(p.args)
	for i, word := range words {
		words[i] = shellQuoted(word)
	}
	for i := range answers {
		answers[i] = shellQuoted(answers[i])
	}
	at := slices.Index(words, "retrofit") + 1 // before a -- that may come
	words = slices.Insert(words, at, append([]string{"--no-input"}, answers...)...)
	p.say("")
	p.say("The same without questions:")
	p.say("  mcpauth %s", strings.Join(words, " "))
}
