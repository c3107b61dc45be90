package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReaching(t *testing.T) {
	t.Parallel()
	tests := []string{"x_test.go"}
	packages := []listedPackage{
		{ImportPath: "m/site", TestGoFiles: tests},
		{ImportPath: "m/cmd", Imports: []string{"m/untested"}, TestGoFiles: tests},
		{ImportPath: "m/untested", Imports: []string{"fmt", "m/site"}},
		{ImportPath: "m/intest", TestImports: []string{"m/untested"}, TestGoFiles: tests},
		{ImportPath: "m/outside", XTestImports: []string{"m/site"}, XTestGoFiles: tests},
		{ImportPath: "m/used", TestGoFiles: tests}, // by m/site, say
	}
	want := []string{"m/cmd", "m/intest", "m/outside", "m/site"}
	if got := reaching(packages, []string{"m/site"}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := reaching(packages, []string{"m/other"}); got != nil {
		t.Errorf("%q reach what is not there", got)
	}
}

const events = `{"Action":"start","Package":"m/a"}
{"Action":"run","Package":"m/a","Test":"TestGood"}
{"Action":"output","Package":"m/a","Test":"TestGood","Output":"fine\n"}
{"Action":"pass","Package":"m/a","Test":"TestGood"}
{"Action":"output","Package":"m/a","Test":"TestBad","Output":"all of it\n"}
{"Action":"output","Package":"m/a","Test":"TestBad/part","Output":"part of it\n"}
{"Action":"fail","Package":"m/a","Test":"TestBad/part"}
{"Action":"fail","Package":"m/a","Test":"TestBad"}
{"Action":"output","Package":"m/a","Output":"FAIL\n"}
{"Action":"fail","Package":"m/a"}
go: warning: said by the go command
{"ImportPath":"m/b [m/b.test]","Action":"build-output","Output":"b.go:1:1: broken\n"}
{"ImportPath":"m/b [m/b.test]","Action":"build-fail"}
{"Action":"fail","Package":"m/b","FailedBuild":"m/b [m/b.test]"}
{"Action":"output","Package":"m/c","Output":"panic: in TestMain\n"}
{"Action":"fail","Package":"m/c"}
{"Action":"fail","Package":"m/d"}
`

// TestLogIsReadInAnyPieces: a write may end anywhere.
func TestLogIsReadInAnyPieces(t *testing.T) {
	t.Parallel()
	want := `[{m/a TestBad/part [part of it]} {m/b  [b.go:1:1: broken]} {m/c  [panic: in TestMain]} {m/d  [go: warning: said by the go command]}]`
	for size := 1; size < 200; size += 7 {
		l := newTestLog()
		for rest := events; rest != ""; {
			n := min(size, len(rest))
			if written, err := l.Write([]byte(rest[:n])); written != n || err != nil {
				t.Fatal(written, err)
			}
			rest = rest[n:]
		}
		got := fmt.Sprint(bare(l.failures()))
		if got != want {
			t.Errorf("in pieces of %d: %s, want %s", size, got, want)
		}
	}
}

// bare drops the methods, so that fmt shows every field.
func bare(failures []TestFailure) (list []struct {
	Package, Test string
	Output        []string
}) {
	for _, f := range failures {
		list = append(list, struct {
			Package, Test string
			Output        []string
		}(f))
	}
	return list
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	l := newTestLog()
	for i := range 1000 {
		fmt.Fprintf(l, `{"Action":"output","Package":"m","Test":"T","Output":"%d %s"}`+"\n", i, strings.Repeat("x", 1000))
	}
	fmt.Fprint(l, strings.Repeat("no event ", 1<<20))
	fmt.Fprint(l, "\n"+`{"Action":"fail","Package":"m","Test":"T"}`+"\n")
	failures := l.failures()
	if len(failures) != 1 || len(failures[0].Output) != keptLines || !strings.HasPrefix(failures[0].Output[keptLines-1], "999 x") {
		t.Fatalf("%v", failures)
	}
	if n := len(failures[0].Output[0]); n > keptLine+3 {
		t.Errorf("a line of %d bytes is kept", n)
	}
	if len(l.plain) != 1 || cap(l.rest) > 2*longestRaw {
		t.Errorf("%d lines, %d bytes of what is no event are kept", len(l.plain), cap(l.rest))
	}
}

func TestOnlyAndBoth(t *testing.T) {
	t.Parallel()
	with := []TestFailure{{Package: "a", Test: "T"}, {Package: "a", Test: "U"}, {Package: "b"}}
	without := []TestFailure{{Package: "a", Test: "U", Output: []string{"other"}}, {Package: "c"}}
	if got := fmt.Sprint(Only(with, without), Both(with, without)); got != "[a T b] [a U]" {
		t.Error(got)
	}
}

// TestLimitOfTests has a test that never ends.
func TestLimitOfTests(t *testing.T) {
	t.Parallel()
	dir, scratch := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"go.mod":    "module example.com/m\n\ngo 1.25.0\n",
		"m_test.go": "package m\n\nimport \"testing\"\n\nfunc TestHangs(t *testing.T) { select {} }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := GoModule{
		Dir: dir, Scratch: scratch, TestLimit: time.Second,
		Say: func(string) func() { return func() {} }, Ran: func(string, int) {},
	}
	packages, err := m.Tested(t.Context(), []string{"example.com/m"})
	if err != nil || len(packages) != 1 {
		t.Fatal(packages, err)
	}
	if failures, err := m.Tests(t.Context(), packages, false); !errors.Is(err, ErrTestLimit) {
		t.Errorf("%v, %v, want the limit", failures, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	m.TestLimit = 0
	m.Say = func(string) func() { cancel(); return func() {} }
	if failures, err := m.Tests(ctx, packages, false); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v, want an interrupt", failures, err)
	}
}
