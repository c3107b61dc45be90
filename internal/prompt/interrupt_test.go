//go:build !windows

package prompt_test

import (
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/prompt"
)

func metadata() prompt.Question {
	return prompt.Question{Key: "metadata", Label: "Metadata", Kind: prompt.JSON}
}

// interrupts runs test for every kind of question in both styles.
func interrupts(t *testing.T, test func(k *talk, ended func() *pending[string])) {
	for _, q := range []prompt.Question{port(), secret(), metadata()} {
		t.Run(q.Key, func(t *testing.T) {
			styles(t, func(t *testing.T, k *talk) {
				// Only a question that is answered shows which style it is when it is JSON.
				opening := port()
				opening.Label = "Opening"
				first := k.ask(opening)
				k.Expect("Opening", patience)
				k.Send("\r")
				first.want("3002")
				test(k, func() *pending[string] {
					a := k.ask(q)
					k.Expect(q.Label, patience)
					if q.Kind == prompt.JSON {
						k.Expect("> ", patience)
					}
					return a
				})
			})
		})
	}
}

func TestCtrlC(t *testing.T) {
	interrupts(t, func(k *talk, asked func() *pending[string]) {
		a := asked()
		k.Send("\x03")
		a.wantInterrupted()
		a = asked()
		k.Send("12\x03")
		a.wantInterrupted()
	})
}

func TestCtrlD(t *testing.T) {
	interrupts(t, func(k *talk, asked func() *pending[string]) {
		a := asked()
		k.Send("\x04")
		a.wantInterrupted()
	})
}

func TestContextEnds(t *testing.T) {
	interrupts(t, func(k *talk, asked func() *pending[string]) {
		a := asked()
		before := time.Now()
		k.cancel()
		a.wantInterrupted()
		if took := time.Since(before); took > 2*time.Second {
			k.t.Errorf("took %v to end", took)
		}
		k.Expect("\r\n", patience) // what is printed next starts a line
		k.ask(port()).wantInterrupted()
		k.confirm("Sure?", true).wantInterrupted()
	})
}

func TestContextEndsWhileTyping(t *testing.T) {
	interrupts(t, func(k *talk, asked func() *pending[string]) {
		a := asked()
		k.Send("12")
		k.cancel()
		a.wantInterrupted()
	})
}

func TestConfirmIsInterrupted(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		for _, key := range []string{"\x03", "\x04"} {
			a := k.confirm("Sure?", true)
			k.Expect("Sure?", patience)
			k.Send(key)
			a.wantInterrupted()
		}
		a := k.confirm("Sure?", true)
		k.Expect("Sure?", patience)
		k.cancel()
		a.wantInterrupted()
	})
}

func TestContextEndsDuringTheProbe(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR)
	prompt.WaitForReport(k.p, patience)
	a := k.ask(port())
	k.Expect("\x1b[6n", patience)
	k.cancel()
	a.wantInterrupted()
	k.notPrinted("Port")
}

// survey asks for the cursor in the middle of a line, and crashes when that fails.
func TestContextEndsDuringSurveysQuery(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR)
	prompt.WaitForReport(k.p, patience)
	a := k.ask(port())
	for range 3 {
		k.Expect("\x1b[6n", patience)
		k.Send(report)
	}
	k.Send("8\x1b[D9")
	k.Expect("\x1b[6n", patience)
	k.cancel()
	a.wantInterrupted()
	k.wantStyle(true)
}

func TestHangup(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]bool{"survey": answersCPR, "line": neverCPR} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := open(t, answer)
			a := k.ask(port())
			k.Expect("Port", patience)
			k.Hangup()
			select {
			case <-a.done:
			case <-time.After(patience):
				t.Fatal("the question goes on without a terminal")
			}
			if a.err != prompt.ErrInterrupted {
				t.Errorf("got %q, %v", a.got, a.err)
			}
		})
	}
}
