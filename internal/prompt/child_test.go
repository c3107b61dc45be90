//go:build !windows

package prompt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

// childVariable makes the test binary a program that asks two questions, as package main would.
const childVariable = "PROMPT_TEST_CHILD"

func child() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	streams := iostreams.System(os.Getenv)
	p := prompt.New(streams, os.Getenv, false)
	for _, q := range []prompt.Question{port(), secret()} {
		answer, err := p.Ask(ctx, q)
		if errors.Is(err, prompt.ErrInterrupted) {
			return 130
		}
		if err != nil {
			fmt.Fprintln(streams.Err, err)
			return 1
		}
		fmt.Fprintf(streams.Out, "%s has %d bytes\n", q.Key, len(answer))
	}
	return 0
}

func startChild(t *testing.T, answerCPR bool) (*prompttest.Terminal, *exec.Cmd) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=1", "TERM=xterm")
	return prompttest.Start(t, cmd, answerCPR), cmd
}

func TestProcessAnswers(t *testing.T) {
	t.Parallel()
	term, cmd := startChild(t, answersCPR)
	term.Expect("Port", patience)
	term.Send("80\r")
	term.Expect("port has 2 bytes", patience)
	term.Expect("Client secret", patience)
	term.Send("hunter\r")
	term.Expect("client_secret has 6 bytes", patience)
	if code := term.Wait(cmd, patience); code != 0 || strings.Contains(term.Transcript(), "hunter") {
		t.Errorf("exit code %d, printed:\n%q", code, term.Transcript())
	}
}

func TestProcessIsInterrupted(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]bool{"survey": answersCPR, "line": neverCPR} {
		for _, how := range []os.Signal{os.Interrupt, syscall.SIGTERM, nil} {
			t.Run(fmt.Sprint(name, " ", how), func(t *testing.T) {
				t.Parallel()
				untouched, _ := prompttest.Open(t, answer)
				before := untouched.Mode()
				term, cmd := startChild(t, answer)
				term.Expect("Port", patience)
				term.Send("\r")
				term.Expect("Client secret", patience)
				if how == nil {
					term.Send("\x03")
				} else if err := cmd.Process.Signal(how); err != nil {
					t.Fatal(err)
				}
				if code := term.Wait(cmd, patience); code != 130 {
					t.Errorf("exit code %d, printed:\n%q", code, term.Transcript())
				}
				if after := term.Mode(); before != after {
					t.Errorf("the terminal is left in another mode:\n%v, was\n%v", after, before)
				}
			})
		}
	}
}
