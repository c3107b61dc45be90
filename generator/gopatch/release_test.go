package gopatch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/mod/module"
)

func releases() []gopatch.Release {
	jwt := module.Version{Path: "a.example/jwt/v5", Version: "v5.3.1"}
	sdk := func(version string) []module.Version {
		return []module.Version{jwt, {Path: "a.example/sdk", Version: version}}
	}
	return []gopatch.Release{
		{Go: "1.25.0", Require: sdk("v1.8.0")},
		{Go: "1.24.0", Require: sdk("v1.4.0"), Suffices: []module.Version{{Path: jwt.Path, Version: "v5.3.0"}}},
		{Go: "1.23.0", Require: sdk("v1.3.1"), Suffices: []module.Version{{Path: jwt.Path, Version: "v5.2.2"}}},
	}
}

func TestChooseRelease(t *testing.T) {
	t.Parallel()
	const jwt, sdk = "require a.example/jwt/v5 ", "require a.example/sdk "
	for _, tc := range []struct {
		mod      string
		upgrades bool
		want     string // go line of the release and what is added, or what would move
	}{
		{"go 1.26", false, "1.25.0 jwt/v5@v5.3.1 sdk@v1.8.0"},
		{"go 1.25", false, "1.25.0 jwt/v5@v5.3.1 sdk@v1.8.0"},
		{"go 1.25rc1", false, "1.25.0 jwt/v5@v5.3.1 sdk@v1.8.0"},
		{"go 1.24.7", false, "1.24.0 jwt/v5@v5.3.1 sdk@v1.4.0"},
		{"go 1.23", false, "1.23.0 jwt/v5@v5.3.1 sdk@v1.3.1"},
		{"go 1.23", true, "1.25.0 jwt/v5@v5.3.1 sdk@v1.8.0"},
		{"go 1.22.0", false, "go 1.22.0 → 1.25.0"},
		{"", false, "go (none) → 1.25.0"},
		{"", true, "1.25.0 jwt/v5@v5.3.1 sdk@v1.8.0"},
		// What the module has chosen stays where it suffices; what came along with others moves.
		{"go 1.25\n" + jwt + "v5.4.0\n" + sdk + "v1.8.0", false, "1.25.0"},
		{"go 1.25\n" + sdk + "v1.6.1", false, "1.24.0 jwt/v5@v5.3.1"},
		{"go 1.25\n" + sdk + "v1.6.1 // indirect", false, "1.25.0 jwt/v5@v5.3.1 sdk@v1.8.0"},
		{"go 1.23\n" + jwt + "v5.2.2", false, "1.23.0 sdk@v1.3.1"},
		{"go 1.23\n" + jwt + "v5.2.2 // indirect", false, "1.23.0 jwt/v5@v5.3.1 sdk@v1.3.1"},
		{"go 1.23\n" + jwt + "v5.2.1", false, "go 1.23 → 1.25.0, a.example/jwt/v5 v5.2.1 → v5.3.1"},
		{"go 1.25\nmodule a.example/sdk", false, "1.25.0 jwt/v5@v5.3.1"}, // its own examples
		{"go 1.25\n" + sdk + "v1.1.0", false, "a.example/sdk v1.1.0 → v1.8.0"},
	} {
		release, lacking, err := gopatch.ChooseRelease([]byte(tc.mod+"\n"), releases(), tc.upgrades)
		words := []string{release.Go}
		for _, w := range lacking {
			words = append(words, strings.TrimPrefix(w.String(), "a.example/"))
		}
		got := strings.Join(words, " ")
		if refusal, ok := err.(*refusal.Refusal); ok {
			got = strings.Join(refusal.ByHand, ", ")
		} else if err != nil {
			got = fmt.Sprint(err)
		}
		if got != tc.want {
			t.Errorf("%q, upgrades %t: got %q, want %q", tc.mod, tc.upgrades, got, tc.want)
		}
	}
}
