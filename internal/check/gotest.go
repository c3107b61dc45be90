package check

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/run"
)

// DefaultTestLimit is for how long the tests of a module may run.
const DefaultTestLimit = 10 * time.Minute

// ErrTestLimit says that nothing is known of the tests: they have not come to their end.
var ErrTestLimit = errors.New("the tests take too long")

// A listedPackage is a package as go list knows it.
type listedPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	TestGoFiles, XTestGoFiles          []string
}

func (p listedPackage) tested() bool { return len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 }

// Tested returns the packages of the module, sorted, whose tests reach one of those that are named by their import paths:
// they are it, or import it, or their tests do.
func (m GoModule) Tested(ctx context.Context, reached []string) ([]string, error) {
	args := []string{"list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports,TestGoFiles,XTestGoFiles", "./..."}
	result, err := run.Output(ctx, run.Command{Path: "go", Args: args, Dir: m.Dir, Env: m.environment(args)})
	if err == nil && result.ExitCode != 0 {
		err = errors.New(strings.TrimSpace(string(result.Stderr)))
	}
	if err != nil {
		return nil, fmt.Errorf("looking for tests: %w", err)
	}
	var packages []listedPackage
	for dec := json.NewDecoder(bytes.NewReader(result.Stdout)); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return reaching(packages, reached), nil
		} else if err != nil {
			return nil, fmt.Errorf("looking for tests: %w", err)
		}
		packages = append(packages, p)
	}
}

// reaching returns those of the packages whose tests reach one of the named.
func reaching(packages []listedPackage, reached []string) []string {
	reach := make(map[string]bool)
	for _, name := range reached {
		reach[name] = true
	}
	reaches := func(imports []string) bool {
		return slices.ContainsFunc(imports, func(name string) bool { return reach[name] })
	}
	for found := true; found; {
		found = false
		for _, p := range packages {
			if !reach[p.ImportPath] && reaches(p.Imports) {
				reach[p.ImportPath], found = true, true
			}
		}
	}
	var names []string
	for _, p := range packages {
		if p.tested() && (reach[p.ImportPath] || reaches(p.TestImports) || reaches(p.XTestImports)) {
			names = append(names, p.ImportPath)
		}
	}
	slices.Sort(names)
	return names
}

// Tests runs the tests of packages of the module, as it is or as Prove has built it, and returns what failed, sorted.
func (m GoModule) Tests(ctx context.Context, packages []string, changed bool) ([]TestFailure, error) {
	limit := cmp.Or(m.TestLimit, DefaultTestLimit)
	label := "running your tests"
	// Vet needs directories, which an overlay does not make; it has run already.
	args := []string{"test", "-json", "-vet=off", "-timeout=" + (2 * limit).String()}
	if changed {
		args = append(args, "-mod=mod", "-modfile="+m.alternative("mod"), "-overlay="+m.overlaid("build"))
	} else {
		label = "running your tests without the patch"
	}
	defer m.Say(label)()
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	events := newTestLog()
	args = append(args, packages...)
	process, err := run.Start(limited, run.Command{Path: "go", Args: args, Dir: m.Dir, Env: m.environment(args), Output: events, LogLimit: 1})
	if err != nil {
		return nil, fmt.Errorf("running the tests: %w", err)
	}
	defer process.Stop()
	code, err := process.Wait(ctx)
	<-process.Done()
	switch {
	case ctx.Err() == nil && limited.Err() != nil:
		return nil, fmt.Errorf("running the tests: %w: they have not ended after %v", ErrTestLimit, limit)
	case err != nil:
		return nil, fmt.Errorf("running the tests: %w", err)
	}
	m.note(args, code)
	failures := events.failures()
	if code != 0 && len(failures) == 0 {
		return nil, fmt.Errorf("running the tests: go test ended with code %d: %s", code, events.unread())
	}
	return failures, nil
}

// environment is that of the go command, whose temporary files, and those of the tests, stay in the scratch directory.
func (m GoModule) environment(args []string) []string {
	return append(os.Environ(), "GOWORK="+m.work(args), "GOTMPDIR="+m.Scratch, "TMPDIR="+m.Scratch, "TMP="+m.Scratch, "TEMP="+m.Scratch)
}

// A TestFailure is a test that failed, or a package whose tests could not be built or run to their end: then Test is empty.
type TestFailure struct {
	Package, Test string
	Output        []string // its last lines
}

func (f TestFailure) String() string { return strings.TrimSuffix(f.Package+" "+f.Test, " ") }

func compareFailures(a, b TestFailure) int {
	return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Test, b.Test))
}

// Only returns those of the failures that are not among the others.
func Only(failures, others []TestFailure) []TestFailure {
	return slices.DeleteFunc(slices.Clone(failures), func(f TestFailure) bool { return f.among(others) })
}

// Both returns those of the failures that are among the others, too.
func Both(failures, others []TestFailure) []TestFailure {
	return slices.DeleteFunc(slices.Clone(failures), func(f TestFailure) bool { return !f.among(others) })
}

func (f TestFailure) among(others []TestFailure) bool {
	return slices.ContainsFunc(others, func(o TestFailure) bool { return o.Package == f.Package && o.Test == f.Test })
}
