package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFrame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "root", "a.go")
	source := "one\r\n\ttwo\nthree  \n" + strings.Repeat("\n", 96) + "last"
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	for position, want := range map[string]string{
		"a.go:1":         "> 1 | one/  2 |     two",
		"a.go:2":         "  1 | one/> 2 |     two/  3 | three",
		"a.go:100":       "   99 |/> 100 | last",
		"a.go:101":       "",
		"a.go:0":         "",
		"a.go":           "",
		"a.go:x":         "",
		"b.go:1":         "",
		"":               "",
		"../root/a.go:1": "", // a position is never outside of the module
	} {
		if got := strings.Join(frame(filepath.Join(dir, "root"), position), "/"); got != want {
			t.Errorf("%s: %q, want %q", position, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	const esc, bell, override = "\x1b", "\a", "\u202e"
	if got := printable("a\tb\n" + esc + "[2J" + bell + override + "é"); got != "a\tb\n\ufffd[2J\ufffd\ufffdé" {
		t.Errorf("%q", got)
	}
}
