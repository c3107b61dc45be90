package contract_test

import (
	"context"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
)

func TestReferencePassesEveryCheck(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/mcp", "/", "/a/b/mcp"} {
		var order []string
		report := contract.Run(context.Background(), newTarget(t, "", path), func(r contract.Result) { order = append(order, r.ID) })
		for i, result := range report.Results {
			if result.Status != contract.Pass {
				t.Errorf("%s: %s", path, result.Text())
			}
			if order[i] != result.ID {
				t.Errorf("%s was reported as number %d, want %s", order[i], i+1, result.ID)
			}
		}
		if len(report.Results) != 20 || !report.Kept() {
			t.Errorf("%d results, kept is %v", len(report.Results), report.Kept())
		}
	}
}
