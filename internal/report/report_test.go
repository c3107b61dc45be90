package report_test

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/report"
)

// nasty is what a hostile server may put into its answers.
const nasty = "200 OK; \x1b[2J]]><&\"'\r\n::error::fake %0A \x00 \xff end"

func outcome() contract.Report {
	failures := []contract.Failure{
		{Request: "curl 'http://x/'", Expected: "401", Got: nasty, Why: "it matters", Fix: "do this"},
		{Expected: "no redirect", Got: "302", Why: "it matters", Fix: "do that"},
	}
	return contract.Report{URL: "http://x/?a=<b>&c", Results: []contract.Result{
		{ID: "C1", Title: "one", Ref: "RFC 1", Status: contract.Pass, Took: 1500 * time.Millisecond},
		{ID: "C2", Title: "two, with: signs", Ref: "RFC 2", Status: contract.Fail, Failures: failures, Took: 12 * time.Second},
		{ID: "C3", Title: "three", Ref: "RFC 3", Status: contract.Skip, Skipped: []string{"a: needs <b>", "c"}},
	}}
}

func TestRow(t *testing.T) {
	t.Parallel()
	results := outcome().Results
	for i, want := range []string{
		"C1   pass  1500 ms  one\n",
		"C2   fail    12 s  two, with: signs\n",
		"C3   skip    0 ms  three\n",
	} {
		if got := report.Row(results[i], false); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for i, color := range []string{"\x1b[32mpass\x1b[0m", "\x1b[31mfail\x1b[0m", "\x1b[33mskip\x1b[0m"} {
		if got := report.Row(results[i], true); !strings.Contains(got, color) {
			t.Errorf("got %q, want %q in it", got, color)
		}
	}
}

func TestRemarksHoldNoControlCharacterOfTheServers(t *testing.T) {
	t.Parallel()
	got := report.Remarks(outcome())
	for _, line := range []string{
		"C2  fail  two, with: signs\n", "request   curl 'http://x/'\n", "expected  401\n", "why       it matters (RFC 2)\n",
		"fix       do this\n", "fix       do that\n", "C3  skip  three\n", "not checked: a: needs <b>\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is not in %s", line, got)
		}
	}
	if strings.Contains(got, "one") || strings.ContainsAny(got, "\x1b\r\x00") || strings.Index(got, "C2") > strings.Index(got, "C3") {
		t.Errorf("got %q", got)
	}
}

func TestJUnitIsWellFormedAndComplete(t *testing.T) {
	t.Parallel()
	document, err := report.JUnit(outcome())
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []struct {
			Name     string  `xml:"name,attr"`
			Tests    int     `xml:"tests,attr"`
			Failures int     `xml:"failures,attr"`
			Skipped  int     `xml:"skipped,attr"`
			Time     float64 `xml:"time,attr"`
			Cases    []struct {
				Name    string  `xml:"name,attr"`
				Class   string  `xml:"classname,attr"`
				Time    float64 `xml:"time,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Type    string `xml:"type,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
				Skipped *struct {
					Message string `xml:"message,attr"`
				} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(document, &got); err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	suite := got.Suites[0]
	if len(got.Suites) != 1 || suite.Name != "http://x/?a=<b>&c" || suite.Tests != 3 || suite.Failures != 1 || suite.Skipped != 1 || suite.Time != 13.5 {
		t.Errorf("suite is %+v", suite)
	}
	passed, failed, skipped := suite.Cases[0], suite.Cases[1], suite.Cases[2]
	if passed.Name != "C1 one" || passed.Class == "" || passed.Time != 1.5 || passed.Failure != nil || passed.Skipped != nil {
		t.Errorf("case is %+v", passed)
	}
	if failed.Failure == nil || failed.Failure.Type != "C2" || !strings.Contains(failed.Failure.Message, "expected 401, got 200 OK") ||
		!strings.Contains(failed.Failure.Message, "(and 1 more)") || !strings.Contains(failed.Failure.Text, "fix       do this") {
		t.Errorf("case is %+v", failed.Failure)
	}
	if skipped.Skipped == nil || skipped.Skipped.Message != "a: needs <b>; c" {
		t.Errorf("case is %+v", skipped.Skipped)
	}
}

func TestAnnotationsAreOneLineEach(t *testing.T) {
	t.Parallel()
	got := report.Annotations(outcome())
	if strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "::error title=mcpauth C2 two%2C with%3A signs::request   curl 'http://x/'%0A") {
		t.Errorf("got %q", got)
	}
	// The server's own %0A must not become a line end.
	if !strings.Contains(got, "fake %250A") || strings.ContainsAny(got, "\x1b\r\x00") {
		t.Errorf("got %q", got)
	}
}
