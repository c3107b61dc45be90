//go:build !windows

package prompt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/prompt"
)

// styles are the two ways to ask, each on the terminal that gets it.
func styles(t *testing.T, test func(t *testing.T, k *talk)) {
	t.Parallel()
	t.Run("survey", func(t *testing.T) {
		t.Parallel()
		k := open(t, answersCPR)
		test(t, k)
		k.wantStyle(true)
	})
	t.Run("line", func(t *testing.T) {
		t.Parallel()
		k := open(t, answersCPR, "ACCESSIBLE=1")
		test(t, k)
		k.wantStyle(false)
	})
}

func TestDefaultIsShownAndTaken(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		a := k.ask(port())
		k.Expect("Any free port.", patience)
		k.Expect("Port", patience)
		k.Expect("3002", patience)
		k.Send("\r")
		a.want("3002")
	})
}

func TestTypedValue(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		a := k.ask(port())
		k.Expect("Port", patience)
		k.Send(" 809\x7f80 \r")
		k.Expect("809", patience)
		a.want("8080")
	})
}

// Emacs shows itself what is typed into its shell, and has switched the terminal's echo off.
func TestTerminalWithoutEcho(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR, "TERM=dumb")
	k.HideInput()
	k.mode = k.Mode()
	a := k.ask(port())
	k.Expect("Port", patience)
	k.Send("8080\r")
	a.want("8080")
	k.notPrinted("8080")
}

func TestWrongThenRight(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		a := k.ask(port())
		k.Expect("Port", patience)
		k.Send("http\r")
		k.Expect(`"http" is not a number`, patience)
		k.Expect("Port", patience)
		k.Send("8081\r")
		a.want("8081")
	})
}

func TestDefaultIsChecked(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		q := port()
		q.Default = "bad"
		a := k.ask(q)
		k.Expect("Port", patience)
		k.Send("\r")
		k.Expect(`"bad" is not a number`, patience)
		k.Send("1\r")
		a.want("1")
	})
}

func TestNonASCII(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		a := k.ask(prompt.Question{Key: "name", Label: "Name"})
		k.Expect("Name", patience)
		k.Send("çé\x7fa 好\r")
		a.want("ça 好")
	})
}

func TestKeysThatAreNotText(t *testing.T) {
	const unknown = "\x1bOP" + "\x1b[1;5C" + "\x1b[15~" + report + "\x1b[I" + "\t"
	styles(t, func(t *testing.T, k *talk) {
		q := port()
		q.Check = nil
		a := k.ask(q)
		k.Expect("Port", patience)
		k.Send("80" + unknown + "\x1b[200~90\x1b[201~\r")
		if got, err := a.wait(); err != nil || strings.ReplaceAll(got, "\t", "") != "8090" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestEscapeAlone(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		a := k.ask(port())
		k.Expect("Port", patience)
		k.Send("\x1b")
		k.Send("8082\r")
		a.want("8082")
	})
}

func TestArrowKeysInSurvey(t *testing.T) {
	t.Parallel()
	k := open(t, answersCPR)
	a := k.ask(port())
	k.Expect("Port", patience)
	k.Send("13\x1b[D2\x1b[C4\x1bOH0\x1b[3~9\r")
	a.want("09234")
}

func TestSecretIsNotShown(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		const wrong, right = "hunter-one", "hunter-two"
		q := secret()
		q.Default = "hunter-zero"
		q.Check = func(s string) error {
			if s == wrong {
				return fmt.Errorf("%q: too easy", s)
			}
			return nil
		}
		a := k.ask(q)
		k.Expect("Client secret", patience)
		k.Send(wrong + "\r")
		k.Expect(`"***": too easy`, patience)
		k.Expect("Client secret", patience)
		k.Send(right + "\r")
		a.want(right)
		k.notPrinted("hunter")
	})
}

func TestSecretKeepsItsSpace(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		a := k.ask(secret())
		k.Expect("Client secret", patience)
		k.Send(" a b \r")
		a.want(" a b ")
	})
}

func TestSecretDefault(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		q := secret()
		q.Default = "hunter-zero"
		a := k.ask(q)
		k.Expect("Client secret [Enter keeps the present one]", patience)
		k.Send("\r")
		a.want("hunter-zero")
		k.notPrinted("hunter")
	})
}

func TestLongSecret(t *testing.T) {
	long := strings.Repeat("0123456789", 500)
	styles(t, func(t *testing.T, k *talk) {
		a := k.ask(secret())
		k.Expect("Client secret", patience)
		k.Send(long + "\r")
		a.want(long)
	})
}

func TestConfirm(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		for _, tc := range []struct {
			typed     string
			def, want bool
		}{{"", true, true}, {"", false, false}, {"n", true, false}, {"YES", false, true}} {
			a := k.confirm("Write it?", tc.def)
			k.Expect("Write it?", patience)
			k.Send(tc.typed + "\r")
			a.want(tc.want)
		}
		a := k.confirm("Sure?", false)
		k.Expect("Sure?", patience)
		k.Send("perhaps\r")
		k.Expect("Sure?", patience)
		k.Send("y\r")
		a.want(true)
	})
}

// All answers arrive at once, the first bytes of them before there is a question.
func TestEverythingTypedAhead(t *testing.T) {
	object := minified(20 << 10)
	styles(t, func(t *testing.T, k *talk) {
		k.Send("80")
		k.Expect("80", patience)
		first := k.ask(port())
		k.Expect("Any free port.", patience)
		go k.Send("80\rhunter-two\r" + object + "\r\x1b[200~Zoë\x1b[201~\r\ny\r")
		first.want("8080")
		k.ask(secret()).want("hunter-two")
		k.ask(metadata()).want(object)
		k.ask(prompt.Question{Key: "name", Label: "Name"}).want("Zoë")
		k.confirm("Write it?", false).want(true)
		k.notPrinted("hunter")
	})
}

func TestCheckPanics(t *testing.T) {
	styles(t, func(t *testing.T, k *talk) {
		q := port()
		q.Check = func(string) error { panic("out of order") }
		a := start(k, func() (panicked any, err error) {
			defer func() { panicked = recover() }()
			_, err = k.p.Ask(k.ctx, q)
			return nil, err
		})
		k.Expect("Port", patience)
		k.Send("\r")
		a.want("out of order")
	})
}

func TestTooLongLine(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR)
	a := k.ask(port())
	k.Expect("Port", patience)
	go k.Send(strings.Repeat("1", 70<<10))
	if got, err := a.wait(); err == nil || errors.Is(err, prompt.ErrInterrupted) || !strings.Contains(err.Error(), "asking for port") {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}
