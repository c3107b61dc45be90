package report

import (
	"fmt"
	"strings"

	"github.com/mcpauth/mcpauth/internal/contract"
)

// Annotations are workflow commands of GitHub Actions, one error for each requirement that failed. The
// runner reads them from either output of a step and shows them on the run's page.
func Annotations(r contract.Report) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var b strings.Builder
	for _, result := range r.Results {
		if result.Status == contract.Fail {
			fmt.Fprintf(&b, "::error title=%s::%s\n",
				property.Replace("mcpauth "+result.ID+" "+result.Title), data.Replace(strings.TrimSpace(result.Details())))
		}
	}
	return b.String()
}
