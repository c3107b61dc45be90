package report

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/mcpauth/mcpauth/internal/contract"
)

type testSuites struct {
	XMLName xml.Name  `xml:"testsuites"`
	Suite   testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Time     string     `xml:"time,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr"`
	Failure *failure `xml:"failure"`
	Skipped *skipped `xml:"skipped"`
}

type failure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

// JUnit is the report in the XML form of JUnit, as CI systems read it: one test case for each requirement.
func JUnit(r contract.Report) ([]byte, error) {
	suite := testSuite{
		Name: r.URL, Tests: len(r.Results),
		Failures: r.Count(contract.Fail), Skipped: r.Count(contract.Skip),
	}
	var total float64
	for _, result := range r.Results {
		total += result.Took.Seconds()
		suite.Cases = append(suite.Cases, newTestCase(result))
	}
	suite.Time = seconds(total)
	document, err := xml.MarshalIndent(testSuites{Suite: suite}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the report as JUnit's XML: %w", err)
	}
	return append([]byte(xml.Header), append(document, '\n')...), nil
}

func newTestCase(r contract.Result) testCase {
	c := testCase{Class: "mcpauth.verify", Name: r.ID + " " + r.Title, Time: seconds(r.Took.Seconds())}
	switch r.Status {
	case contract.Fail:
		c.Failure = &failure{Message: headline(r), Type: r.ID, Text: "\n" + r.Details()}
	case contract.Skip:
		c.Skipped = &skipped{Message: strings.Join(r.Skipped, "; ")}
	}
	return c
}

func seconds(n float64) string { return fmt.Sprintf("%.3f", n) }

// headline is the first failure in a line.
func headline(r contract.Result) string {
	if len(r.Failures) == 0 {
		return r.Title
	}
	text := "expected " + r.Failures[0].Expected + ", got " + r.Failures[0].Got
	if more := len(r.Failures) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}
