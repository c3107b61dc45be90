// Package foreign_test walks the contract on protected servers that this repository did not write, and compares
// what it finds with testdata/foreign/NAME/want. They were made for other rules, so most requirements fail or cannot
// be checked: what counts is that each finding is right, and that the walk neither gives up nor passes by mistake.
package foreign_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/golden"
)

const dataDir = "../../../testdata/foreign"

var update = flag.Bool("update", false, "make the recorded findings what is found now")

// servers start what is walked, by the name of its folder.
func servers() map[string]func(*testing.T) contract.Target {
	return map[string]func(*testing.T) contract.Target{
		"bearer":         startBearer,
		"go-sdk":         startGoSDK,
		"typescript-sdk": startTypeScriptSDK,
	}
}

func TestFindings(t *testing.T) {
	for name, start := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := start(t)
			report := contract.RunChecks(t.Context(), target, slices.Concat(contract.Discovery(), contract.Checks()), nil)
			got := map[string]golden.File{"findings.txt": []byte(findings(report))}
			want := filepath.Join(filepath.FromSlash(dataDir), name, "want")
			if *update {
				if err := golden.Update(want, got, os.Getenv); err != nil {
					t.Fatal(err)
				}
				return
			}
			tree, err := golden.Tree(want)
			if err != nil {
				t.Fatal(err)
			}
			if err := golden.Compare(got, tree); err != nil {
				t.Errorf("%v\nif that is right: go test ./internal/contract/foreign -update\n%s", err, report.Text())
			}
		})
	}
}

// TestEveryFolderIsWalked wants no recorded findings without a server.
func TestEveryFolderIsWalked(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(filepath.FromSlash(dataDir))
	if err != nil || len(entries) != len(servers()) {
		t.Fatalf("%d folders for %d servers: %v", len(entries), len(servers()), err)
	}
	for _, entry := range entries {
		if servers()[entry.Name()] == nil {
			t.Errorf("no server is named %s", entry.Name())
		}
	}
}

// findings are the outcome of each requirement, with the first failure of those that failed.
func findings(report contract.Report) string {
	var b strings.Builder
	for _, r := range report.Results {
		fmt.Fprintf(&b, "%-4s%-5s %s\n", r.ID, r.Status, r.Title)
		for i, f := range failures(r) {
			if i == maxShown {
				break
			}
			fmt.Fprintf(&b, "    expected  %s\n    got       %s\n", f.Expected, f.Got)
		}
		for _, reason := range slices.Sorted(slices.Values(r.Skipped)) {
			fmt.Fprintf(&b, "    skipped   %s\n", reason)
		}
	}
	return b.String()
}

// maxShown is how many failures of a requirement are recorded.
const maxShown = 3

// failures are those that differ in what was expected, in an order that does not depend on which part of a check ended first.
func failures(r contract.Result) []contract.Failure {
	all := slices.Clone(r.Failures)
	for i := range all {
		all[i].Expected, all[i].Got = steady(all[i].Expected), steady(all[i].Got)
	}
	slices.SortFunc(all, func(a, b contract.Failure) int {
		return cmp.Or(strings.Compare(a.Expected, b.Expected), strings.Compare(a.Got, b.Got))
	})
	return slices.CompactFunc(all, func(a, b contract.Failure) bool { return a.Expected == b.Expected })
}

// steady puts a word in the place of what differs from run to run.
func steady(text string) string {
	for _, changing := range []struct{ pattern, word string }{
		{`\b(localhost|127\.0\.0\.1):\d{4,5}\b`, "$1:PORT"},
		{`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`, "UUID"},
		{`\bsnk_\d+`, "KID"},
		{`(no answer): .*`, "$1"},
		{`(text/event-stream); .*`, "$1; SOMETHING"},
		{`\b\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\b`, "NOW"},
		{`took \S+`, "took SOME"},
		{`\d+ fetches of the keys in \S+:`, "SOME fetches of the keys:"},
		{`\d+ fetches$`, "SOME fetches"},
	} {
		text = regexp.MustCompile(`(?m)`+changing.pattern).ReplaceAllString(text, changing.word)
	}
	return text
}
