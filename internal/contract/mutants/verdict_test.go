package mutants_test

import (
	"fmt"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
)

// TestVerdict keeps the mutants' judge honest.
func TestVerdict(t *testing.T) {
	t.Parallel()
	m := mutation{name: "C5-x", finds: "200 OK"}
	failed := func(id, got string) func(*contract.Result) {
		return func(r *contract.Result) {
			if r.ID == id {
				r.Status, r.Failures = contract.Fail, []contract.Failure{{Got: got}}
			}
		}
	}
	skipped := func(r *contract.Result) {
		if r.ID == "C6" {
			r.Status = contract.Skip
		}
	}
	for _, tc := range []struct {
		name    string
		changes []func(*contract.Result)
		good    bool
	}{
		{"the one requirement", []func(*contract.Result){failed("C5", "200 OK")}, true},
		{"nothing", nil, false},
		{"for another reason", []func(*contract.Result){failed("C5", "no answer")}, false},
		{"another requirement", []func(*contract.Result){failed("C6", "200 OK")}, false},
		{"another, too", []func(*contract.Result){failed("C5", "200 OK"), failed("C6", "200 OK")}, false},
		{"a skip beside it", []func(*contract.Result){failed("C5", "200 OK"), skipped}, false},
	} {
		var report contract.Report
		for i := range 20 {
			r := contract.Result{ID: fmt.Sprintf("C%d", i+1), Status: contract.Pass}
			for _, change := range tc.changes {
				change(&r)
			}
			report.Results = append(report.Results, r)
		}
		if err := m.verdict(report); (err == nil) != tc.good {
			t.Errorf("%s: %v", tc.name, err)
		}
		report.Results = report.Results[:19]
		if m.verdict(report) == nil {
			t.Errorf("%s: 19 results are enough", tc.name)
		}
	}
}
