//go:build !windows

package cmd_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/prompt/prompttest"
)

func TestDevSession(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.initLocal()
	s.write(".env", strings.Replace(s.read(".env"), "SK_CLIENT_SECRET=", "SK_CLIENT_SECRET=hush-1234", 1))
	s.start("my-server", "--watch")
	s.await("Ctrl-C stops both.")
	url, token := s.word("MCP URL"), s.word("Token")
	if want := fmt.Sprintf("http://localhost:%d/", s.server); url != want {
		t.Errorf("MCP URL %s, want %s", url, want)
	}
	if got := callTool(url, token, "greet", `{"name":"Ada"}`); !strings.Contains(got, "Hello, Ada!") {
		t.Errorf("got %s", got)
	}
	if got := callTool(url, token, "whoami", `{}`); !strings.Contains(got, "profile:read") {
		t.Errorf("the token does not open the tool with a scope: %s", got)
	}

	form := map[string][]string{"grant_type": {"client_credentials"}, "client_id": {authserver.DefaultClientID}, "client_secret": {dev.ClientSecret}}
	response, err := http.PostForm(fmt.Sprintf("http://localhost:%d/oauth/token", s.auth), form)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the machine client gets %s", response.Status)
	}

	tools := s.read("internal/tools/tools.go")
	s.write("internal/tools/tools.go", strings.Replace(tools, "Hello, ", "Howdy, ", 1))
	s.await("dev    | internal/tools/tools.go changed, building")
	s.await("dev    | restarted in")
	if got := callTool(url, token, "greet", `{"name":"Ada"}`); !strings.Contains(got, "Howdy, Ada!") {
		t.Errorf("after the change, with the token from before: %s", got)
	}
	s.write("internal/tools/tools.go", tools+"\nfunc {")
	s.await("syntax error")
	s.await("the server from before keeps running")
	if got := callTool(url, token, "greet", `{"name":"Ada"}`); !strings.Contains(got, "Howdy, Ada!") {
		t.Errorf("after a change that does not build: %s", got)
	}

	s.signal(syscall.SIGINT)
	s.checkEnd(0)
	s.checkQuiet()
	for _, want := range []string{"FOR DEVELOPMENT ONLY", "auth   | GET /keys 200", "server | {", `"msg":"shutting down"`, "dev    | stopped"} {
		if !strings.Contains(s.stderr.String(), want) {
			t.Errorf("%q was not printed:\n%s", want, &s.stderr)
		}
	}
	if strings.Contains(s.stderr.String(), "local values") {
		t.Errorf("its .env is not used as it is:\n%s", &s.stderr)
	}
}

// TestDevOfAScalekitProject wants a project for a real environment to be served locally, and its files to stay.
func TestDevOfAScalekitProject(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.init("--no-input", "--env-url", "https://acme.scalekit.com", "--metadata",
		`{"authorization_servers":["https://acme.scalekit.com/resources/res_7"],"resource":"https://mcp.acme.com/mcp","scopes_supported":["a:b"]}`)
	s.write(".env", strings.Replace(s.read(".env"), "SK_CLIENT_SECRET=", "SK_CLIENT_SECRET=hush-1234", 1))
	before := s.read(".env")
	s.start("my-server", "--auth-port", strconv.Itoa(s.auth), "--issuer-form", "resource")
	s.await("Ctrl-C stops both.")
	s.await("gets local values of SK_ENV_URL, EXPECTED_AUDIENCE, PROTECTED_RESOURCE_METADATA; my-server/.env stays as it is.")
	url := s.word("MCP URL")
	if got := callTool(url, s.word("Token"), "whoami", `{}`); url != fmt.Sprintf("http://localhost:%d/mcp", s.server) || !strings.Contains(got, "a:b") {
		t.Errorf("at %s: %s", url, got)
	}
	s.signal(syscall.SIGTERM)
	s.checkEnd(0)
	s.checkQuiet()
	if s.read(".env") != before {
		t.Error("its .env was changed")
	}
}

// TestDevOverTLS has no certificate, so the server gets one for the run.
func TestDevOverTLS(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.initLocal("--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem")
	s.start("my-server")
	s.await("Ctrl-C stops both.")
	s.await("NODE_EXTRA_CA_CERTS=" + s.temporary)
	url := s.word("MCP URL")
	if got := callTool(url, s.word("Token"), "greet", `{"name":"Ada"}`); !strings.HasPrefix(url, "https://") || !strings.Contains(got, "Hello, Ada!") {
		t.Errorf("at %s: %s", url, got)
	}
	s.signal(syscall.SIGHUP)
	s.checkEnd(0)
}

func TestDevAlone(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.start("--auth-port", strconv.Itoa(s.auth), "--server-url", "http://localhost:8080/it's", "--scope", "b a")
	s.await("Ctrl-C stops it.")
	env := fmt.Sprintf("http://localhost:%d", s.auth)
	want := "SK_ENV_URL=" + env + "\n" +
		"EXPECTED_AUDIENCE='http://localhost:8080/it's'\n" +
		`PROTECTED_RESOURCE_METADATA='{"authorization_servers":["` + env + `/resources/res_70000000000000001"],"bearer_methods_supported":["header"],"resource":"http://localhost:8080/it\u0027s","scopes_supported":["b","a"]}'` + "\n"
	if s.stdout.String() != want {
		t.Errorf("got\n%swant\n%s", &s.stdout, want)
	}
	s.signal(syscall.SIGTERM)
	s.checkEnd(0)
	s.checkQuiet()
}

func TestDevBesideAPatchedProgram(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.write("go.mod", "module example.com/app\n")
	s.write("internal/mcpauth/undo.json", "{}")
	s.start("my-server", "--auth-port", strconv.Itoa(s.auth))
	s.await("retrofit has patched the program there: start it with them.")
	s.await("Ctrl-C stops it.")
	s.signal(syscall.SIGTERM)
	s.checkEnd(0)
}

// TestDevEndsWithItsReader is mcpauth dev 2>&1 | head.
func TestDevEndsWithItsReader(t *testing.T) {
	t.Parallel()
	s := newDevSession(t)
	s.stub()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	s.command("my-server")
	s.cmd.Stderr = writer
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	s.ended = make(chan struct{})
	go func() {
		s.cmd.Wait()
		close(s.ended)
	}()
	s.checkEnd(1)
}

// TestDevOnATerminal presses Ctrl-C, which reaches mcpauth alone: its server is in a group of its own.
func TestDevOnATerminal(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		env   string
		color bool
	}{
		"colours":    {"TERM=xterm", true},
		"no colours": {"NO_COLOR=1", false},
		"dumb":       {"TERM=dumb", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDevSession(t)
			s.initLocal()
			s.command("my-server")
			s.cmd.Env = append(s.cmd.Env, "NO_COLOR=", tc.env)
			terminal := prompttest.Start(t, s.cmd, true)
			terminal.Expect("Ctrl-C stops both.", longPatience)
			terminal.Send("\x03")
			if code := terminal.Wait(s.cmd, longPatience); code != 0 {
				t.Errorf("exit code %d", code)
			}
			printed := terminal.Transcript()
			for _, colored := range []string{"\x1b[32mserver |\x1b[0m {", "\x1b[36mauth   |\x1b[0m GET /keys", "\x1b[1;33mFOR DEVELOPMENT ONLY\x1b[0m"} {
				if strings.Contains(printed, colored) != tc.color {
					t.Errorf("%q printed: %v, want %v\n%s", colored, !tc.color, tc.color, printed)
				}
			}
			if !tc.color && strings.Contains(printed, "\x1b") {
				t.Errorf("an escape sequence was printed: %q", printed)
			}
		})
	}
}
