package contract

import (
	"encoding/json"
	"fmt"
	"strings"
)

// SchemaVersion is the version of the JSON document that JSON writes. It grows when a member changes its
// meaning or goes away.
const SchemaVersion = 1

// maxFailuresShown bounds how many failures of one check Text shows. JSON has all of them.
const maxFailuresShown = 5

// Text is the plain form of one result: a line, and for what did not pass its details, indented.
func (r Result) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-4s%-6s%s\n", r.ID, r.Status, r.Title)
	for _, reason := range r.Skipped {
		fmt.Fprintf(&b, "      not checked: %s\n", reason)
	}
	for i, f := range r.Failures {
		if i == maxFailuresShown {
			fmt.Fprintf(&b, "      and %d more\n", len(r.Failures)-i)
			break
		}
		b.WriteString(f.text())
	}
	if len(r.Failures) > 0 {
		fmt.Fprintf(&b, "      why       %s (%s)\n      fix       %s\n", r.Failures[0].Why, r.Ref, r.Failures[0].Fix)
	}
	return b.String()
}

func (f Failure) text() string {
	text := fmt.Sprintf("      expected  %s\n      got       %s\n", oneLine(f.Expected), oneLine(f.Got))
	if f.Request != "" {
		text = fmt.Sprintf("      request   %s\n", oneLine(f.Request)) + text
	}
	return text
}

func oneLine(text string) string {
	return strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(text)
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
		Schema int `json:"schema"`
		Report
		Passed  int  `json:"passed"`
		Failed  int  `json:"failed"`
		Skipped int  `json:"skipped"`
		Kept    bool `json:"kept"`
	}{SchemaVersion, r, r.Count(Pass), r.Count(Fail), r.Count(Skip), r.Kept()}
	encoded, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the report as JSON: %w", err)
	}
	return append(encoded, '\n'), nil
}
