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

// TestApplicationIsChosenOnATerminal asks which application is meant, and whether to write; declined, nothing is.
func TestApplicationIsChosenOnATerminal(t *testing.T) {
	t.Parallel()
	s := &session{dir: t.TempDir()}
	main := filepath.Join(s.dir, "main.py")
	if err := os.WriteFile(main, []byte("from fastapi import FastAPI\n\napi = FastAPI()\nsite = FastAPI()\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := golden.Tree(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		answer, says string
		exit         int
	}{
		{"n\r", "declined; nothing was written", 130},
		{"y\r", "mcpauth retrofit --no-input --server main.py:4 main.py", 0},
	} {
		s.cmd = exec.Command("mcpauth", "retrofit", "main.py")
		s.cmd.Dir = s.dir
		s.cmd.Env = append(os.Environ(), "TERM=dumb", "NO_COLOR=1")
		s.cmd.Stdout = &s.stdout
		s.Terminal = prompttest.Start(t, s.cmd, false)
		s.Expect("main.py:3  api = FastAPI()", slowly)
		s.Expect("main.py:4  site = FastAPI()", slowly)
		s.Send("2\r")
		s.Expect("Write these", slowly)
		s.Send(tc.answer)
		s.Expect(tc.says, slowly)
		if code := s.Wait(s.cmd, slowly); code != tc.exit {
			t.Errorf("exit code %d, want %d", code, tc.exit)
		}
		if tc.exit != 0 {
			if after, err := golden.Tree(s.dir); err != nil || golden.Compare(after, before) != nil {
				t.Errorf("something was written: %v", err)
			}
		}
	}
	if content, err := os.ReadFile(main); err != nil || !strings.Contains(string(content), "\nsite = FastAPI()\ninstall_mcp(site)\n") {
		t.Errorf("%s, %v", content, err)
	}
}
