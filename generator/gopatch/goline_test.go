package gopatch_test

import (
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
)

func TestShifts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		from, to string
		releases string
		loops    bool
	}{
		{"1.15", "1.25.0", "1.21 1.22 1.23 1.24 1.25", true},
		{"", "1.25.0", "1.21 1.22 1.23 1.24 1.25", true},
		{"1.21.3", "1.23", "1.22 1.23", true},
		{"1.22.0", "1.25.0", "1.23 1.24 1.25", false},
		{"1.25", "1.25.0", "", false},
	} {
		moves := []gopatch.Move{{What: "a.example/a", From: "v1", To: "v2"}, {What: "go", From: tc.from, To: tc.to}}
		var releases []string
		for _, shift := range gopatch.Shifts(moves) {
			if rest, ok := strings.CutPrefix(shift, "with go "); ok {
				release, _, _ := strings.Cut(rest, " ")
				releases = append(releases, release)
			}
		}
		if got := strings.Join(releases, " "); got != tc.releases || gopatch.ShareLoops(moves) != tc.loops {
			t.Errorf("%s to %s: %q, loops %t", tc.from, tc.to, got, gopatch.ShareLoops(moves))
		}
	}
}
