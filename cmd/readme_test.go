package cmd_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A command of the README and the output that stands below it, if any.
type command struct{ line, output string }

// readmeCommands returns the commands in the README's console blocks. In a block with a line that begins with "$ "
// the other lines are output.
func readmeCommands(t *testing.T) []command {
	t.Helper()
	var commands []command
	for _, part := range strings.Split(readme(t), "```console\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		session := strings.HasPrefix(block, "$ ")
		for line := range strings.Lines(block) {
			if rest, ok := strings.CutPrefix(line, "$ "); ok == session {
				commands = append(commands, command{line: strings.TrimSpace(rest)})
			} else {
				commands[len(commands)-1].output += line
			}
		}
	}
	return commands
}

// TestReadmeCommands runs every command of the README, in a folder of its own where it writes somewhere.
func TestReadmeCommands(t *testing.T) {
	commands := readmeCommands(t)
	if len(commands) < 5 {
		t.Fatalf("%d commands, which cannot be all: %v", len(commands), commands)
	}
	const main, tests = "go run ./cmd/mcpauth init /tmp/my-server --dev --yes --verify", "go test ./..."
	if commands[0].line != main || commands[1].line != tests {
		t.Errorf("the first two commands are %q, want %q and %q", commands[:2], main, tests)
	}
	for _, c := range commands {
		t.Run(c.line, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			switch {
			case c.line == tests:
				return // this test is run by it
			case c.line == main:
				runReadme(t, "..", strings.Replace(c.line, "/tmp/my-server", filepath.Join(dir, "my-server"), 1), nil, report(t))
			case strings.HasPrefix(c.line, "go "):
				runReadme(t, "..", c.line, []string{"GOBIN=" + dir}, "")
			case c.line == "mcpauth dev my-server --watch", strings.HasPrefix(c.line, "mcpauth token"):
				return // TestDevSession and the tests of token run it, on free ports
			case strings.HasPrefix(c.line, "mcpauth verify --start my-server"):
				runReadme(t, dir, "mcpauth init my-server --dev --yes", nil, "")
				runReadme(t, dir, c.line, nil, report(t))
			case strings.HasPrefix(c.line, "mcpauth retrofit "):
				p, ok := programs()[strings.Fields(c.line)[2]]
				if !ok {
					t.Fatal("no test has this program")
				}
				p.write(t, dir)
				if diff := runReadme(t, dir, c.line, nil, ""); !strings.Contains(diff, p.change) || !strings.Contains(readme(t), p.change) {
					t.Errorf("printed\n%swant, here and in the README,\n%s", diff, p.change)
				}
			case strings.HasPrefix(c.line, "mcpauth init "):
				if err := os.WriteFile(filepath.Join(dir, "metadata.json"), []byte(metadataJSON), 0o600); err != nil {
					t.Fatal(err)
				}
				runReadme(t, dir, c.line, nil, c.output)
			default:
				t.Error("no test knows this command")
			}
		})
	}
}

const metadataJSON = `{"authorization_servers":["https://acme.scalekit.com/resources/res_7"],"resource":"https://mcp.acme.com/mcp"}`

// A program is what somebody has, and what retrofit is to print of it.
type program struct {
	files  map[string]string
	change string
}

// programs are those that the README patches, by what it names of them.
func programs() map[string]program {
	return map[string]program{
		"./cmd/api": {
			files: map[string]string{
				"go.mod": "module example.com/api\n\ngo 1.25.0\n",
				"cmd/api/main.go": `package main

import (
	"log"
	"net/http"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {})
	log.Fatal(http.ListenAndServe(":8080", mux))
}
`,
			},
			change: "-\tlog.Fatal(http.ListenAndServe(\":8080\", mux))\n+\tlog.Fatal(http.ListenAndServe(\":8080\", withMCP(mux)))\n",
		},
		"app/main.py": {
			files: map[string]string{
				"requirements.txt": "fastapi>=0.133,<1\nuvicorn\n",
				"app/__init__.py":  "",
				"app/main.py":      "from fastapi import FastAPI\n\napp = FastAPI()\n",
			},
			change: " from fastapi import FastAPI\n \n+from .mcpauth import install_mcp\n+\n app = FastAPI()\n+install_mcp(app)\n",
		},
		"src/server.ts": {
			files: map[string]string{
				"package.json":  `{"name": "api", "type": "module", "dependencies": {"express": "^5.1.0"}}` + "\n",
				"src/server.ts": "import express from \"express\";\n\nconst app = express();\napp.listen(8080);\n",
			},
			change: " import express from \"express\";\n+import { installMcp } from \"./mcpauth/install.js\";\n \n const app = express();\n+installMcp(app);\n",
		},
	}
}

func (p program) write(t *testing.T, dir string) {
	t.Helper()
	for name, content := range p.files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// report is what the first command prints on standard output.
func report(t *testing.T) string {
	t.Helper()
	return block(t, "text")
}

// block is the first block of that kind in the README.
func block(t *testing.T, kind string) string {
	t.Helper()
	_, block, _ := strings.Cut(readme(t), "```"+kind+"\n")
	block, _, _ = strings.Cut(block, "```")
	return block
}

// runReadme runs the line in dir. It must succeed if the README shows no output, and otherwise print exactly that,
// on standard output or, when it fails, on standard error. That is returned.
func runReadme(t *testing.T, dir, line string, env []string, output string) string {
	t.Helper()
	words := strings.Fields(line)
	c := exec.Command(words[0], words[1:]...)
	c.Dir = dir
	c.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	got := stdout.String()
	if err != nil {
		got += stderr.String()
	}
	if output == "" && err != nil {
		t.Errorf("%v\n%s", err, got)
	}
	if output != "" && got != output {
		t.Errorf("got\n%s\nwant\n%s", got, output)
	}
	return got
}
