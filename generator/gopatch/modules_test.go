package gopatch_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

const oldMod = "module m\n\ngo 1.22.0\n\nrequire a.example/a v1.2.0\n\nrequire b.example/b v1.0.0 // indirect\n"

func TestMoves(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, from, to string
		moves          []string
		refused        []string
	}{
		{"nothing", oldMod, oldMod, nil, nil},
		{
			"all", oldMod, "module m\n\ngo 1.25.0\n\ntoolchain go1.26.0\n\nrequire a.example/a v1.3.0\n\nrequire b.example/b v1.1.0 // indirect\n\nrequire c.example/c v1.0.0\n",
			[]string{"go 1.22.0 → 1.25.0", "toolchain (none) → go1.26.0", "a.example/a v1.2.0 → v1.3.0", "b.example/b v1.0.0 → v1.1.0", "c.example/c (none) → v1.0.0"},
			[]string{"go 1.22.0 → 1.25.0", "toolchain (none) → go1.26.0", "a.example/a v1.2.0 → v1.3.0"},
		},
		{"the same release", "module m\n\ngo 1.25\n", "module m\n\ngo 1.25.0\n", []string{"go 1.25 → 1.25.0"}, nil},
		{"lost", oldMod, "module m\n\ngo 1.22.0\n", []string{"a.example/a v1.2.0 → (none)", "b.example/b v1.0.0 → (none)"}, []string{"a.example/a v1.2.0 → (none)"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			moves, err := gopatch.Moves([]byte(tc.from), []byte(tc.to))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range moves {
				got = append(got, m.String())
			}
			var refused []string
			if refusal, ok := errors.AsType[*refusal.Refusal](gopatch.Allowed(moves)); ok {
				refused = refusal.ByHand
			}
			if !slices.Equal(got, tc.moves) || !slices.Equal(refused, tc.refused) {
				t.Errorf("moves %q, refused %q", got, refused)
			}
		})
	}
}
