package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Schema names the form of the JSON document that JSON writes. Its number grows when a member changes its
// meaning or goes away.
const Schema = "mcpauth.verify/v1"

// maxFailuresShown bounds how many failures of one check Text shows. JSON has all of them.
const maxFailuresShown = 5

// Text is the plain form of one result: a line, and for what did not pass its details, indented.
func (r Result) Text() string {
	return fmt.Sprintf("%-4s%-6s%s\n", r.ID, r.Status, r.Title) + r.Details()
}

// Details says what was not checked and what failed, why that matters and how to mend it. It is empty for
// what passed. Text of the server's holds no control characters: it may be shown on a terminal.
func (r Result) Details() string {
	var b strings.Builder
	for _, reason := range r.Skipped {
		fmt.Fprintf(&b, "      not checked: %s\n", oneLine(reason))
	}
	if len(r.Failures) == 0 {
		return b.String()
	}
	shown := r.Failures[:min(len(r.Failures), maxFailuresShown)]
	for len(shown) > 0 {
		n := alike(shown)
		b.WriteString(oneAnswer(shown[:n]))
		shown = shown[n:]
	}
	if more := len(r.Failures) - maxFailuresShown; more > 0 {
		fmt.Fprintf(&b, "      and %d more\n", more)
	}
	fmt.Fprintf(&b, "      why       %s (%s)\n", r.Failures[0].Why, r.Ref)
	for _, fix := range r.fixes() {
		fmt.Fprintf(&b, "      fix       %s\n", fix)
	}
	return b.String()
}

// alike is how many of the first failures are about the same answer.
func alike(failures []Failure) int {
	first := failures[0]
	n := slices.IndexFunc(failures, func(f Failure) bool { return f.Request != first.Request || f.Got != first.Got })
	if n < 0 {
		return len(failures)
	}
	return n
}

// oneAnswer shows everything that was expected of one answer.
func oneAnswer(failures []Failure) string {
	var b strings.Builder
	if request := failures[0].Request; request != "" {
		fmt.Fprintf(&b, "      request   %s\n", oneLine(request))
	}
	for _, f := range failures {
		fmt.Fprintf(&b, "      expected  %s\n", oneLine(f.Expected))
	}
	return b.String() + fmt.Sprintf("      got       %s\n", oneLine(failures[0].Got))
}

// fixes are the remedies of the failures that Details shows, each once.
func (r Result) fixes() []string {
	var all []string
	for i, f := range r.Failures {
		if i < maxFailuresShown && !slices.Contains(all, f.Fix) {
			all = append(all, f.Fix)
		}
	}
	return all
}

// oneLine shows line ends as escapes and other control characters as a replacement character.
func oneLine(text string) string {
	text = strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(text)
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return unicode.ReplacementChar
		}
		return c
	}, text)
}

// Summary is one line with the number of checks of each outcome.
func (r Report) Summary() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped: %s", r.Count(Pass), r.Count(Fail), r.Count(Skip), r.URL)
}

// Text is the plain form of the whole report.
func (r Report) Text() string {
	var b strings.Builder
	for _, result := range r.Results {
		b.WriteString(result.Text())
	}
	return b.String() + r.Summary() + "\n"
}

// JSON is the report as one indented JSON document with its schema version and the number of each outcome.
func (r Report) JSON() ([]byte, error) {
	document := struct {
		Schema string `json:"schema"`
		Report
		Passed  int  `json:"passed"`
		Failed  int  `json:"failed"`
		Skipped int  `json:"skipped"`
		Kept    bool `json:"kept"`
	}{Schema, r, r.Count(Pass), r.Count(Fail), r.Count(Skip), r.Kept()}
	encoded, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the report as JSON: %w", err)
	}
	return append(encoded, '\n'), nil
}
