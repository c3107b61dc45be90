package cmd_test

import (
	"context"
	"os"
	"testing"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mcpauth": func() {
			os.Exit(cmd.Main(context.Background(), os.Args[1:], iostreams.System(os.Getenv), os.Getenv))
		},
	})
}

// TestScripts runs testdata/script/<command>-<what>.txtar: flags, refusals, and what they leave behind.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"empty": empty,
		},
	})
}

// exits CODE ARG... runs mcpauth with the arguments and wants that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	script := `mcpauth "$@"; code=$?; [ $code = ` + args[0] + ` ] || { echo "exit code $code, want ` + args[0] + `" >&2; exit 1; }`
	err := ts.Exec("sh", append([]string{"-c", script, "mcpauth"}, args[1:]...)...)
	if err != nil {
		ts.Fatalf("mcpauth %q: %v", args[1:], err)
	}
}

// empty DIR wants a directory without any entry.
func empty(ts *testscript.TestScript, neg bool, args []string) {
	for _, dir := range args {
		entries, err := os.ReadDir(ts.MkAbs(dir))
		if err != nil || (len(entries) == 0) == neg {
			ts.Fatalf("%s: %v %v", dir, entries, err)
		}
	}
}
