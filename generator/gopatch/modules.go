package gopatch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/mod/modfile"
)

// A Move is a line of go.mod that changes.
type Move struct {
	What     string // a module path, go or toolchain
	From, To string // empty where there is none
	Direct   bool   // the person has chosen From: it does not move without a word
	Line     int    // of From in go.mod; 0 where there is none
}

func (m Move) String() string {
	return fmt.Sprintf("%s %s → %s", m.What, cmp.Or(m.From, "(none)"), cmp.Or(m.To, "(none)"))
}

// Moves compares two states of go.mod, in the order of the lines' names, go and toolchain first.
func Moves(before, after []byte) ([]Move, error) {
	from, err := modfile.Parse("go.mod", before, nil)
	if err != nil {
		return nil, fmt.Errorf("reading go.mod: %w", err)
	}
	to, err := modfile.Parse("go.mod", after, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the new go.mod: %w", err)
	}
	var moves []Move
	add := func(m Move) {
		if m.From != m.To {
			moves = append(moves, m)
		}
	}
	// 1.25 and 1.25.0 ask for the same releases; the go command writes the longer form.
	add(Move{"go", goLine(from), goLine(to), goLine(from)+".0" != goLine(to), goLineAt(from)})
	add(Move{"toolchain", toolchain(from), toolchain(to), true, toolchainAt(from)})
	old, now := required(from), required(to)
	names := maps.Clone(old)
	maps.Copy(names, now)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		add(Move{name, old[name].version, now[name].version, old[name].direct, old[name].line})
	}
	return moves, nil
}

type requirement struct {
	version string
	direct  bool
	line    int
}

func required(f *modfile.File) map[string]requirement {
	list := make(map[string]requirement)
	for _, r := range f.Require {
		list[r.Mod.Path] = requirement{r.Mod.Version, !r.Indirect, r.Syntax.Start.Line}
	}
	return list
}

func goLine(f *modfile.File) string {
	if f.Go == nil {
		return ""
	}
	return f.Go.Version
}

func goLineAt(f *modfile.File) int {
	if f.Go == nil {
		return 0
	}
	return f.Go.Syntax.Start.Line
}

// GoLines returns the go lines of a workspace and of a module in it.
func GoLines(goWork, goMod []byte) (work, mod string, err error) {
	w, err := modfile.ParseWork("go.work", goWork, nil)
	if err != nil {
		return "", "", fmt.Errorf("reading the workspace: %w", err)
	}
	f, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return "", "", fmt.Errorf("reading go.mod: %w", err)
	}
	if w.Go == nil {
		return "1.18", goLine(f), nil
	}
	return w.Go.Version, goLine(f), nil
}

func toolchain(f *modfile.File) string {
	if f.Toolchain == nil {
		return ""
	}
	return f.Toolchain.Name
}

func toolchainAt(f *modfile.File) int {
	if f.Toolchain == nil {
		return 0
	}
	return f.Toolchain.Syntax.Start.Line
}

// Allowed refuses moves of what the person has chosen.
func Allowed(moves []Move) error {
	var lines []string
	position := "go.mod"
	for _, m := range moves {
		if !m.Direct {
			continue
		}
		if m.Line > 0 && position == "go.mod" {
			position = fmt.Sprintf("go.mod:%d", m.Line)
		}
		lines = append(lines, m.String())
	}
	if len(lines) == 0 {
		return nil
	}
	return &refusal.Refusal{Code: refusal.CodeUpgrade, Position: position, Reason: "the endpoint needs newer versions; --allow-upgrades takes them:", ByHand: lines}
}
