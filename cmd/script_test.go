package cmd_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/cmd"
	"github.com/mcpauth/mcpauth/internal/iostreams"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(quickly{m}, map[string]func(){
		"mcpauth": func() {
			os.Exit(cmd.Main(context.Background(), os.Args[1:], iostreams.System(os.Getenv), os.Getenv))
		},
	})
}

// A quickly runs the tests, and not the program that they run, with quick builds.
type quickly struct{ *testing.M }

func (q quickly) Run() int {
	runtest.QuickBuilds()
	return q.M.Run()
}

// TestScripts runs testdata/script/<command>-<what>.txtar: flags, refusals, and what they leave behind.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               goCaches,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":      exits,
			"empty":      empty,
			"wellformed": wellformed,
			"production": production(devServer(t.TempDir())),
		},
	})
}

// goCaches lets scripts build with the caches of the machine: they run with a home of their own.
func goCaches(env *testscript.Env) error {
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOFLAGS").Output()
	values := strings.Split(string(out), "\n")
	env.Setenv("HOME", filepath.Join(env.WorkDir, ".tmp")) // the go command writes there
	env.Setenv("GOGC", os.Getenv("GOGC"))
	env.Setenv("GOMEMLIMIT", os.Getenv("GOMEMLIMIT"))
	for i, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOFLAGS"} {
		if err == nil {
			env.Setenv(name, strings.TrimSpace(values[i]))
		}
	}
	return err
}

// exits CODE ARG... runs mcpauth with the arguments and wants that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	err := ts.Exec(mcpauth(), args[1:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("mcpauth %q: %v", args[1:], err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("mcpauth %q: exit code %d, want %s", args[1:], code, args[0])
	}
}

// mcpauth is the program under test, which TestMain put on the PATH.
var mcpauth = sync.OnceValue(func() string {
	path, err := exec.LookPath("mcpauth")
	if err != nil {
		panic(err)
	}
	return path
})

// wellformed FILE wants XML to its end.
func wellformed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: wellformed FILE")
	}
	decoder := xml.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			ts.Fatalf("%s: %v", args[0], err)
		}
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
