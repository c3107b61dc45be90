//go:build !windows

package cmd_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

const patience = 20 * time.Second

// metadata is pretty-printed as the dashboard shows it.
const metadata = `{
  "authorization_servers": [
    "https://acme.scalekit.com/resources/res_7"
  ],
  "bearer_methods_supported": [
    "header"
  ],
  "resource": "https://mcp.acme.com/mcp",
  "scopes_supported": []
}
`

// session is init on a pseudo-terminal, in an empty directory.
type session struct {
	*prompttest.Terminal
	cmd    *exec.Cmd
	dir    string
	stdout bytes.Buffer
}

func start(t *testing.T, answersCPR bool, env []string, args ...string) *session {
	t.Helper()
	s := &session{dir: t.TempDir()}
	s.cmd = exec.Command("mcpauth", append([]string{"init", "my-server"}, args...)...)
	s.cmd.Dir = s.dir
	s.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TERM=xterm"}, env...)
	s.cmd.Stdout = &s.stdout
	s.Terminal = prompttest.Start(t, s.cmd, answersCPR)
	return s
}

// answer waits for the prompt and types the answer.
func (s *session) answer(prompt, answer string) {
	s.Expect(prompt, patience)
	s.Send(answer + "\r")
}

func (s *session) answerAll() {
	s.answer("Port", "")
	s.answer("Scalekit environment URL", "https://acme.scalekit.com")
	s.answer("client id", "skc_1")
	s.answer("client secret", "hush-1234")
	s.answer("Expected audience", "res_7")
	s.Expect("Protected resource metadata", patience)
	s.Send(metadata)
}

func (s *session) checkCreated(t *testing.T) {
	t.Helper()
	if code := s.Wait(s.cmd, patience); code != 0 {
		t.Fatalf("exit code %d\n%s", code, s.Transcript())
	}
	env, err := os.ReadFile(filepath.Join(s.dir, "my-server", ".env"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"PORT=3002", "SK_ENV_URL=https://acme.scalekit.com", "SK_CLIENT_ID=skc_1", "SK_CLIENT_SECRET=hush-1234", "EXPECTED_AUDIENCE=res_7"} {
		if !strings.Contains(string(env), line+"\n") {
			t.Errorf(".env lacks %s:\n%s", line, env)
		}
	}
	if strings.Contains(s.Transcript()+s.stdout.String(), "hush-1234") {
		t.Errorf("the secret was shown:\n%s", s.Transcript())
	}
	if s.stdout.Len() > 0 {
		t.Errorf("standard output is not empty: %q", &s.stdout)
	}
}

func (s *session) checkNothingLeft(t *testing.T, code int) {
	t.Helper()
	if got := s.Wait(s.cmd, patience); got != code {
		t.Errorf("exit code %d, want %d\n%s", got, code, s.Transcript())
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestPromptsOnATerminal(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answersCPR bool
		env        []string
	}{
		"survey":        {true, nil},
		"no colour":     {true, []string{"NO_COLOR=1"}},
		"never answers": {false, nil},
		"accessible":    {true, []string{"ACCESSIBLE=1"}},
		"dumb":          {false, []string{"TERM=dumb"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, tc.answersCPR, tc.env)
			s.answerAll()
			s.Expect("Plan for my-server", patience)
			s.answer("Write these", "")
			s.Expect("The same without questions", patience)
			s.Expect("--client-secret-file FILE", patience)
			s.checkCreated(t)
		})
	}
}

func TestCtrlCLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, answersCPR := range map[string]bool{"survey": true, "lines": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, answersCPR, nil)
			s.answer("Port", "")
			s.Expect("Scalekit environment URL", patience)
			s.Send("https\x03")
			s.checkNothingLeft(t, 130)
		})
		t.Run(name+", at the confirmation", func(t *testing.T) {
			t.Parallel()
			s := start(t, answersCPR, nil, "--dev")
			s.Expect("Write these", patience)
			s.Send("\x03")
			s.checkNothingLeft(t, 130)
		})
		t.Run(name+", no", func(t *testing.T) {
			t.Parallel()
			s := start(t, answersCPR, nil, "--dev")
			s.answer("Write these", "n")
			s.checkNothingLeft(t, 130)
		})
	}
}

// TestAnswersThatDoNotFitAreAskedAgain gives an audience that turns out wrong only when the metadata is known.
func TestAnswersThatDoNotFitAreAskedAgain(t *testing.T) {
	t.Parallel()
	s := start(t, true, nil)
	s.answer("Port", "99999")
	s.Expect("1 to 65535", patience)
	s.answer("Port", "\x15"+"3002")
	s.answer("Scalekit environment URL", "https://acme.scalekit.com")
	s.answer("client id", "skc_1")
	s.answer("client secret", "hush-1234")
	s.answer("Expected audience", "https://mcp.acme.com/")
	s.Expect("Protected resource metadata", patience)
	s.Send(metadata)
	s.Expect("the metadata's resource is", patience)
	s.answer("Expected audience", "res_7")
	s.answer("Write these", "y")
	s.checkCreated(t)
}

func TestRefusalComesBeforeTheQuestions(t *testing.T) {
	t.Parallel()
	s := &session{dir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(s.dir, "README.md"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command("mcpauth", "init", s.dir)
	s.Terminal = prompttest.Start(t, s.cmd, true)
	if code := s.Wait(s.cmd, patience); code != 3 || strings.Contains(s.Transcript(), "Port") {
		t.Errorf("exit code %d, want 3 and no question\n%s", code, s.Transcript())
	}
}
