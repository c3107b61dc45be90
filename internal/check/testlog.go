package check

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

const (
	keptLines  = 25       // of the output of each test
	keptLine   = 300      // bytes of such a line
	longestRaw = 64 << 10 // bytes of an event; what is longer is cut, and then is none
)

// A testLog reads what go test -json writes, as it comes. It holds no more than the last lines of tests that have not passed.
type testLog struct {
	rest   []byte // of a line that is not complete
	output map[testKey][]string
	failed map[testKey]string // and what could not be built, if that is why
	plain  []string           // lines that are no events: what the go command itself says
}

// A testKey names a test, with an empty Test a package, and with an empty Package a build.
type testKey struct{ Package, Test, Build string }

// A testEvent is what `go doc test2json` describes, with the events of the build.
type testEvent struct {
	Action, Package, Test, Output string
	ImportPath                    string // of a build
	FailedBuild                   string // because of which the package failed
}

func newTestLog() *testLog {
	return &testLog{output: make(map[testKey][]string), failed: make(map[testKey]string)}
}

// Write never fails.
func (l *testLog) Write(p []byte) (int, error) {
	n := len(p)
	for {
		line, rest, ok := bytes.Cut(p, []byte("\n"))
		if room := longestRaw - len(l.rest); room > 0 {
			l.rest = append(l.rest, line[:min(room, len(line))]...)
		}
		if !ok {
			return n, nil
		}
		l.line(l.rest)
		l.rest, p = l.rest[:0], rest
	}
}

func (l *testLog) line(line []byte) {
	var e testEvent
	if err := json.Unmarshal(line, &e); err != nil || e.Action == "" {
		l.plain = kept(l.plain, string(line))
		return
	}
	key := testKey{e.Package, e.Test, e.ImportPath}
	switch e.Action {
	case "output", "build-output":
		l.output[key] = kept(l.output[key], strings.TrimSuffix(e.Output, "\n"))
	case "pass", "skip":
		delete(l.output, key)
	case "fail":
		l.failed[key] = e.FailedBuild
	}
}

func kept(lines []string, line string) []string {
	if len(lines) == keptLines {
		lines = slices.Delete(lines, 0, 1)
	}
	if len(line) > keptLine {
		line = strings.ToValidUTF8(line[:keptLine], "") + "…"
	}
	return append(lines, line)
}

// failures returns what failed, sorted: of a test with parts the parts, and a package only when no test of it failed.
func (l *testLog) failures() []TestFailure {
	var list []TestFailure
	for key, build := range l.failed {
		if l.inner(key) {
			continue
		}
		output := l.output[key]
		if build != "" {
			output = l.output[testKey{Build: build}]
		}
		if len(output) == 0 {
			output = l.plain
		}
		list = append(list, TestFailure{key.Package, key.Test, output})
	}
	slices.SortFunc(list, compareFailures)
	return list
}

// inner says whether a part of what the key names failed.
func (l *testLog) inner(key testKey) bool {
	for other := range l.failed {
		inside := key.Test == "" && other.Test != "" || key.Test != "" && strings.HasPrefix(other.Test, key.Test+"/")
		if other.Package == key.Package && inside {
			return true
		}
	}
	return false
}

// unread is what the go command itself said.
func (l *testLog) unread() string { return strings.Join(l.plain, "\n") }
