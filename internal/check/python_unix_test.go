//go:build !windows

package check_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// TestPythonAgrees wants Python to find the call behind the statement, and nothing else to pass for that.
func TestPythonAgrees(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil && os.Getenv("CI") == "" {
		t.Skip("install Python as python3 to ask it")
	}
	const good = "from fastapi import FastAPI\nfrom mcpauth import install_mcp\n\nif True:\n    app = FastAPI()\n    install_mcp(app)\n"
	for _, tc := range []struct{ name, source, want string }{
		{"agreed", good, ""},
		{"an annotation", strings.Replace(good, "app =", "app: FastAPI =", 1), ""},
		{"no import", strings.Replace(good, "from mcpauth import install_mcp", "", 1), "RF-SHAPE: main.py:4: python3 reads the result in another way: the import"},
		{"another block", strings.Replace(good, "    install_mcp", "install_mcp", 1), "is not followed by the call"},
		{"another argument", strings.Replace(good, "install_mcp(app)", "install_mcp(app2)", 1), "is not followed by the call"},
		{"in a string", strings.Replace(good, "app = FastAPI()\n    install_mcp(app)", "x = '''\napp = FastAPI()\ninstall_mcp(app)'''", 1), "0 statements on line 5 create app"},
		{"no Python", good + "def (\n", "RF-BUILD: python3 does not take the file as it is: Python 3."},
	} {
		claim := script.Claim{Before: []byte(tc.source), Source: []byte(tc.source), Line: 5, Target: "app", Function: "install_mcp", Position: "main.py:4"}
		note, err := check.PythonAgrees(t.Context(), claim)
		_, refused := errors.AsType[*refusal.Refusal](err)
		if note != "" || refused != (tc.want != "") || refused && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %q, %v, want %q", tc.name, note, err, tc.want)
		}
	}
}

// TestPythonIsNotThere wants whoever has no Python, or one that is too old for the file, to be told that nobody else has looked.
func TestPythonIsNotThere(t *testing.T) {
	claim := script.Claim{Before: []byte("x"), Source: []byte("x"), Line: 1, Target: "app", Function: "install_mcp"}
	t.Setenv("PATH", t.TempDir())
	if note, err := check.PythonAgrees(t.Context(), claim); err != nil || !strings.Contains(note, "not on the PATH") {
		t.Errorf("without python3: %q, %v", note, err)
	}
	for said, want := range map[string]string{
		"Python 3.9: line 1: invalid syntax": "too old (Python 3.9: line 1: invalid syntax)",
		"":                                   "could not be asked",
	} {
		dir := t.TempDir()
		script := "#!/bin/sh\necho '" + said + "'\n"
		if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+":/bin:/usr/bin")
		if note, err := check.PythonAgrees(t.Context(), claim); err != nil || !strings.Contains(note, want) {
			t.Errorf("%q: %q, %v", said, note, err)
		}
	}
}
