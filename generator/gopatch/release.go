package gopatch

import (
	"fmt"
	"go/version"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// A Release is a version of the MCP SDK that the endpoint can be made with, and what it needs beside it.
type Release struct {
	Go       string           // the least go line, for example 1.25.0
	Require  []module.Version // newest known
	Suffices []module.Version // older ones that a module may keep where it has chosen them
	Lacks    string           // what an endpoint with it does not keep; empty where it keeps all
}

// ChooseRelease returns the newest release that moves neither the go line nor a direct dependency of go.mod, and what has to
// be added for it. With upgrades it is the newest of all. The releases are sorted, newest first.
func ChooseRelease(goMod []byte, releases []Release, upgrades bool) (Release, []module.Version, error) {
	has, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return Release{}, nil, fmt.Errorf("reading go.mod: %w", err)
	}
	for _, r := range releases {
		if upgrades || len(r.moves(has)) == 0 {
			return r, r.lacking(has), nil
		}
	}
	return Release{}, nil, Allowed(releases[0].moves(has))
}

// moves returns what the release moves by its own, before its dependencies are known.
func (r Release) moves(has *modfile.File) []Move {
	var moves []Move
	if old := goLine(has); version.Compare(language(old), language(r.Go)) < 0 {
		moves = append(moves, Move{What: "go", From: old, To: r.Go, Direct: true, Line: goLineAt(has)})
	}
	for _, w := range r.lacking(has) {
		if i := slices.IndexFunc(has.Require, func(h *modfile.Require) bool { return h.Mod.Path == w.Path && !h.Indirect }); i >= 0 {
			moves = append(moves, Move{What: w.Path, From: has.Require[i].Mod.Version, To: w.Version, Direct: true, Line: has.Require[i].Syntax.Start.Line})
		}
	}
	return moves
}

// lacking returns those of the required versions that go.mod has neither as they are, nor newer, nor so that they suffice.
func (r Release) lacking(has *modfile.File) []module.Version {
	return slices.DeleteFunc(slices.Clone(r.Require), func(w module.Version) bool {
		if has.Module != nil && has.Module.Mod.Path == w.Path {
			return true // the module itself: its own examples
		}
		return slices.ContainsFunc(has.Require, func(h *modfile.Require) bool {
			least := w.Version
			if i := slices.IndexFunc(r.Suffices, func(s module.Version) bool { return s.Path == w.Path }); i >= 0 && !h.Indirect {
				least = r.Suffices[i].Version
			}
			return h.Mod.Path == w.Path && semver.Compare(h.Mod.Version, least) >= 0
		})
	})
}

// language is the version of the language that a go line chooses. A module without a line has that of Go 1.16.
func language(line string) string {
	if line == "" {
		line = "1.16"
	}
	return version.Lang("go" + line)
}
