//go:build !windows

package prompt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/prompt"
)

func (k *talk) choose(options ...string) *pending[int] {
	return start(k, func() (int, error) { return k.p.Choose(k.ctx, "Which server?", options) })
}

func TestChoose(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 60) // wider than the terminal
	for _, tc := range []struct {
		name, typed string
		answer      bool
		want        int
	}{
		{"survey, the first", "\r", answersCPR, 0},
		{"survey, moved", "\x1b[B\x1b[B\r", answersCPR, 2},
		{"survey, around", "\x1b[A\r", answersCPR, 2},
		{"survey, filtered", "thi\r", answersCPR, 2},
		{"lines", "2\r", neverCPR, 1},
		{"lines, with space", " 3 \r", neverCPR, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := open(t, tc.answer)
			a := k.choose("first", "second "+long, "third")
			k.Expect("Which server?", patience)
			k.Expect(map[bool]string{answersCPR: "third", neverCPR: "[1-3]: "}[tc.answer], patience)
			k.Send(tc.typed)
			a.want(tc.want)
		})
	}
}

func TestChooseAsksAgain(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR, "TERM=dumb")
	a := k.choose("first", "second")
	for _, answer := range []string{"", "0", "3", "-1", "first"} {
		k.Expect("Which server? [1-2]: ", patience)
		k.Send(answer + "\r")
		k.Expect("Not accepted: answer with a number from 1 to 2", patience)
	}
	k.Send("1\r")
	a.want(0)
	k.notPrinted("\x1b")
}

func TestChooseIsInterrupted(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]bool{"survey": answersCPR, "lines": neverCPR} {
		for key, typed := range map[string]string{"Ctrl-C": "\x03", "Ctrl-D": "\x04"} {
			t.Run(name+", "+key, func(t *testing.T) {
				t.Parallel()
				k := open(t, answer)
				a := k.choose("first", "second")
				k.Expect("Which server?", patience)
				k.Send(typed)
				a.wantInterrupted()
			})
		}
	}
}

func TestChooseWithoutTerminal(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR)
	p := prompt.New(k.streams, func(string) string { return "" }, true)
	if _, err := p.Choose(t.Context(), "Which server?", []string{"first"}); !errors.Is(err, prompt.ErrNoTerminal) {
		t.Error(err)
	}
}
