//go:build !windows

package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

// twoServers is a module with a server for people, one for operators, and another for people.
const twoServers = `package main

import "net/http"

func main() {
	api, site := http.NewServeMux(), http.NewServeMux()
	api.HandleFunc("GET /api", hello)
	site.HandleFunc("GET /site", hello)
	debug := http.NewServeMux()
	debug.HandleFunc("/metrics", hello)
	go http.ListenAndServe("localhost:9090", debug)
	go http.ListenAndServe(":8081", api)
	http.ListenAndServe(":8080", site)
}

func hello(w http.ResponseWriter, _ *http.Request) {}
`

func writeModule(t *testing.T, main string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"main.go": main, "go.mod": "module example.com/app\n\ngo 1.25.0\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// retrofitting starts retrofit on a pseudo-terminal.
func retrofitting(t *testing.T, dir string, answersCPR bool, env []string, args ...string) *session {
	t.Helper()
	s := &session{dir: dir}
	s.cmd = exec.Command("mcpauth", append([]string{"retrofit", "."}, args...)...)
	s.cmd.Dir = dir
	s.cmd.Env = append(append(os.Environ(), "TERM=xterm", "NO_COLOR=1"), env...)
	s.cmd.Stdout = &s.stdout
	s.Terminal = prompttest.Start(t, s.cmd, answersCPR)
	return s
}

func TestServerIsChosenOnATerminal(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answersCPR bool
		env        []string
		pick       string
	}{
		"survey": {true, nil, "\x1b[B\r"}, // one down
		"dumb":   {false, []string{"TERM=dumb"}, "2\r"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := retrofitting(t, writeModule(t, twoServers), tc.answersCPR, tc.env, "--dry-run")
			s.Expect("main.go:11  http.ListenAndServe  at \"localhost:9090\"  serves debug  for metrics", slowly)
			s.Expect("main.go:13  http.ListenAndServe  at \":8080\"  serves site", slowly)
			s.Send(tc.pick)
			s.Expect("mcpauth retrofit --no-input --server main.go:12 . --dry-run", slowly)
			if code := s.Wait(s.cmd, slowly); code != 0 || !strings.Contains(s.stdout.String(), "+\tgo http.ListenAndServe(\":8081\", withMCP(api))") {
				t.Errorf("exit code %d\n%s\n%s", code, s.Transcript(), &s.stdout)
			}
		})
	}
}

// slowly is for what waits for a build.
const slowly = 6 * patience

func TestCtrlCLeavesTheModuleAlone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answersCPR bool
		at         []string // what is answered before
		waitFor    string
	}{
		"survey, at the list": {true, nil, "main.go:13"},
		"lines, at the list":  {false, nil, "[1-3]: "},
		"at the confirmation": {false, []string{"--server", "main.go:12"}, "Write these"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := writeModule(t, twoServers)
			before := tree(t, dir)
			temporary := t.TempDir()
			s := retrofitting(t, dir, tc.answersCPR, []string{"TMPDIR=" + temporary}, tc.at...)
			s.Expect(tc.waitFor, slowly)
			s.Send("\x03")
			if code := s.Wait(s.cmd, slowly); code != 130 {
				t.Errorf("exit code %d, want 130\n%s", code, s.Transcript())
			}
			if err := golden.Compare(tree(t, dir), before); err != nil {
				t.Error(err)
			}
			checkEmpty(t, temporary)
		})
	}
}

// TestUncommittedWorkIsAskedAbout has a file changed that is not committed.
func TestUncommittedWorkIsAskedAbout(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer string
		code   int
	}{"Enter": {"\r", 130}, "no": {"n\r", 130}, "Ctrl-C": {"\x03", 130}, "yes": {"y\r", 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := writeModule(t, oneServer)
			for _, args := range [][]string{{"init", "-q"}, {"add", "main.go"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "x"}} {
				git := exec.Command("git", args...)
				git.Dir = dir
				if out, err := git.CombinedOutput(); err != nil {
					t.Fatalf("git %q: %v\n%s", args, err, out)
				}
			}
			before := tree(t, dir)
			s := retrofitting(t, dir, false, []string{"TERM=dumb"})
			s.Expect("Not committed yet", slowly)
			s.Expect("  go.mod", slowly)
			s.Expect("Go on all the same? [y/N]", slowly)
			s.Send(tc.answer)
			if tc.code == 0 {
				s.Expect("Write these", slowly)
				s.Send("y\r")
			}
			if code := s.Wait(s.cmd, slowly); code != tc.code {
				t.Errorf("exit code %d, want %d\n%s", code, tc.code, s.Transcript())
			}
			if same := golden.Compare(tree(t, dir), before) == nil; same == (tc.code == 0) {
				t.Errorf("unchanged: %v", same)
			}
		})
	}
}

func TestYesIsNotAsked(t *testing.T) {
	t.Parallel()
	dir := writeModule(t, oneServer)
	s := retrofitting(t, dir, true, nil, "--yes")
	s.Expect("Wrote ", slowly)
	if code := s.Wait(s.cmd, slowly); code != 0 || strings.Contains(s.Transcript(), "Write these") {
		t.Errorf("exit code %d\n%s", code, s.Transcript())
	}
}

func TestFrameIsColored(t *testing.T) {
	t.Parallel()
	const bold = "\x1b[1m> 5 | func main() { undefined() }"
	for name, tc := range map[string]struct {
		env, flag string
		colored   bool
	}{
		"wanted":     {"NO_COLOR=", "--yes", true},
		"NO_COLOR":   {"NO_COLOR=1", "--yes", false},
		"--no-color": {"NO_COLOR=", "--no-color", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := writeModule(t, "package main\n\n// no such function\n\nfunc main() { undefined() }\n")
			s := retrofitting(t, dir, true, []string{tc.env}, tc.flag)
			code := s.Wait(s.cmd, slowly)
			if got := s.Transcript(); code != 3 || strings.Contains(got, bold) != tc.colored || !strings.Contains(got, "> 5 | func") {
				t.Errorf("exit code %d\n%q", code, got)
			}
		})
	}
}
