package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnvironmentFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".env")
	content := "# comment\n\nPLAIN=a b\r\n  INDENTED=x\nEQUALS=a=b\nSINGLE='{\"a\": 1}'\nDOUBLE=\"x\"\nNESTED='\"x\"'\nOPEN='x\nEMPTY=\n" +
		"OVERRIDDEN=file\nBLANKED=file\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OVERRIDDEN", "process")
	t.Setenv("BLANKED", "")
	getenv, err := Environment(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"PLAIN": "a b", "INDENTED": "x", "EQUALS": "a=b", "SINGLE": `{"a": 1}`, "DOUBLE": "x", "NESTED": `"x"`, "OPEN": "'x",
		"EMPTY": "", "OVERRIDDEN": "process", "BLANKED": "file", "# comment": "", "MISSING": "",
	} {
		if got := getenv(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestEnvironmentWithoutFile(t *testing.T) {
	t.Setenv("FROM_PROCESS", "x")
	getenv, err := Environment(filepath.Join(t.TempDir(), "missing"))
	if err != nil || getenv("FROM_PROCESS") != "x" {
		t.Errorf("got %v, want the process environment alone", err)
	}
	if _, err := Environment(t.TempDir()); err == nil {
		t.Error("a directory in place of the file: no error")
	}
}

func TestBadEnvironmentFile(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"test_secret", "SK_CLIENT_SECRET: test_secret", "PORT = 3002", "export PORT=3002"} {
		file := filepath.Join(t.TempDir(), ".env")
		if err := os.WriteFile(file, []byte("A=1\n"+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Environment(file)
		if err == nil || !strings.Contains(err.Error(), "line 2 is not NAME=value") || strings.Contains(err.Error(), "test_secret") {
			t.Errorf("%q: got %v", line, err)
		}
	}
}
