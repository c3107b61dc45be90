//go:build !windows

package prompt_test

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

func TestStyleOfTerminal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		answer bool
		env    string
		survey bool
		query  bool // the terminal is asked for its cursor
	}{
		{"answers", answersCPR, "TERM=xterm", true, true},
		{"never answers", neverCPR, "TERM=xterm", false, true},
		{"ACCESSIBLE", answersCPR, "ACCESSIBLE=1", false, false},
		{"dumb", answersCPR, "TERM=dumb", false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := open(t, tc.answer, tc.env)
			a := k.ask(port())
			k.Expect("Port", patience)
			k.Send("\r")
			a.want("3002")
			k.wantStyle(tc.survey)
			if queried := strings.Contains(k.Transcript(), "\x1b[6n"); queried != tc.query {
				t.Errorf("cursor query was sent: %v, want %v", queried, tc.query)
			}
			if !tc.query {
				k.notPrinted("\x1b")
			}
		})
	}
}

func TestNewLeavesTheTerminalAlone(t *testing.T) {
	t.Parallel()
	k := open(t, answersCPR)
	k.Send("x")
	k.Expect("x", patience)
	if got := k.Transcript(); got != "x" {
		t.Errorf("New printed %q", got)
	}
}

func TestSilentTerminalIsAskedOnce(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR)
	before := time.Now()
	for range 3 {
		a := k.ask(port())
		k.Expect("Port", patience)
		k.Send("\r")
		a.want("3002")
	}
	if n := strings.Count(k.Transcript(), "\x1b[6n"); n != 1 {
		t.Errorf("%d cursor queries", n)
	}
	if took := time.Since(before); took < 150*time.Millisecond {
		t.Errorf("gave up on the terminal after %v", took)
	}
}

func TestLateCursorReport(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR)
	a := k.ask(port())
	k.Expect("Port", patience)
	k.Send(report + "80" + report + "80" + report + "\r")
	a.want("8080")
	k.wantStyle(false)
	k.notPrinted("7R")
}

func TestCursorReportBetweenQuestions(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR)
	a := k.ask(port())
	k.Expect("Port", patience)
	k.Send("\r")
	a.want("3002")
	k.Send(report + "8080\r")
	k.Expect("8080", patience)
	k.ask(port()).want("8080")
}

// A terminal that stops answering after the first report must not stop the program, nor crash survey.
func TestTerminalStopsAnswering(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR)
	prompt.WaitForReport(k.p, patience)
	a := k.ask(port())
	k.Expect("\x1b[6n", patience)
	k.Send(report)
	k.Expect("Port", patience)
	k.Send("8\x1b[D9\r")
	a.want("98")
	k.wantStyle(true)
}

func TestTypedDuringTheProbe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, report string
		survey       bool
	}{{"answered", report, true}, {"not answered", "", false}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := open(t, neverCPR)
			if tc.survey {
				prompt.WaitForReport(k.p, patience)
			}
			a := k.ask(port())
			k.Expect("\x1b[6n", patience)
			k.Send("80" + tc.report + "80\r")
			a.want("8080")
			k.wantStyle(tc.survey)
		})
	}
}

func TestColor(t *testing.T) {
	t.Parallel()
	sgr := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, tc := range []struct {
		name  string
		env   string
		flag  bool
		color bool
	}{{"wanted", "", false, true}, {"NO_COLOR", "NO_COLOR=1", false, false}, {"--no-color", "", true, false}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := open(t, answersCPR, tc.env)
			if tc.flag {
				k.streams.DisableColor()
				k.p = prompt.New(k.streams, func(string) string { return "" }, false)
				prompt.WaitForReport(k.p, patience)
			}
			a := k.ask(port())
			k.Expect("Port", patience)
			k.Send("x\r")
			k.Expect(`"x" is not a number`, patience)
			k.Send("1\r")
			a.want("1")
			j := k.ask(metadata())
			k.Expect("Metadata", patience)
			k.Send("{}\r")
			j.want("{}")
			k.wantStyle(true)
			if got := sgr.FindString(k.Transcript()); (got != "") != tc.color {
				t.Errorf("colour %q in:\n%q", got, k.Transcript())
			}
		})
	}
}

func TestNobodyToAsk(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	_, tty := prompttest.Open(t, answersCPR)
	null := failingFile(t)
	for _, tc := range []struct {
		name    string
		in      io.Reader
		err     io.Writer
		noInput bool
		nobody  bool
	}{
		{"terminal", tty, tty, false, false},
		{"--no-input", tty, tty, true, true},
		{"stdin is a file", null, tty, false, true},
		{"stderr is a file", tty, null, false, true},
		{"stdin is no file", struct{ *os.File }{tty}, tty, false, true},
		{"stderr is no file", tty, struct{ *os.File }{tty}, false, true},
		{"in memory", strings.NewReader("80\n"), io.Discard, false, true},
	} {
		p := prompt.New(iostreams.New(tc.in, tty, tc.err, none), none, tc.noInput)
		if prompt.Interactive(p) == tc.nobody {
			t.Errorf("%s: interactive: %v", tc.name, !tc.nobody)
		}
		if !tc.nobody {
			continue
		}
		_, err := p.Ask(t.Context(), port())
		if !errors.Is(err, prompt.ErrNoTerminal) || !strings.Contains(err.Error(), "port") {
			t.Errorf("%s: Ask: %v", tc.name, err)
		}
		if _, err := p.Confirm(t.Context(), "Sure?", true); !errors.Is(err, prompt.ErrNoTerminal) {
			t.Errorf("%s: Confirm: %v", tc.name, err)
		}
	}
}
