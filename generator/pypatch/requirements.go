package pypatch

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/edit"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/templates"
)

// python is the name by which lists require the interpreter.
const python = "python"

// require adds to the patch what the project has to require, and says what is to be done with it. The error is a Refusal
// where the versions that the project asks for are too old, and may not move.
func (p *program) require(w script.Wish, patch *script.Patch) error {
	lists, compiled := p.lists()
	changed := make(map[string][]edit.Edit)
	texts := make(map[string]script.Text)
	for _, l := range lists {
		edits, moved, err := l.edits(w)
		if err != nil {
			return err
		}
		patch.Notes = append(patch.Notes, moved...)
		if len(edits) > 0 {
			changed[l.Path], texts[l.Path] = append(changed[l.Path], edits...), l.Text
		}
	}
	for _, l := range lists {
		if edits, ok := changed[l.Path]; ok {
			delete(changed, l.Path)
			after, err := edit.Apply(l.Src, edits)
			if err != nil {
				return fmt.Errorf("patching %s: %w", l.Path, err)
			}
			patch.Files = append(patch.Files, script.File{Path: l.Path, Before: l.Src, After: after, Reason: "what the endpoint needs"})
		}
	}
	patch.Notes = append(patch.Notes, p.installing(w, lists, compiled)...)
	return nil
}

// edits returns what makes a list fit, and what moves in it.
func (l list) edits(w script.Wish) (edits []edit.Edit, moved []string, err error) {
	var lines, added []string
	for _, i := range l.items {
		for _, needed := range w.Requires {
			versions := string(l.Src[i.start:i.end])
			if i.name != needed.Name || versions == "" {
				continue
			}
			if now := fitting(versions, needed); now != versions {
				lines = append(lines, fmt.Sprintf("%s  %s %s → %s", l.Position(i.start), i.name, versions, now))
				edits = append(edits, edit.Edit{Start: i.start, End: i.end, New: []byte(now)})
			}
		}
	}
	if len(lines) > 0 && !w.Upgrades {
		position, _, _ := strings.Cut(lines[0], "  ")
		return nil, nil, &refusal.Refusal{Code: refusal.CodeUpgrade, Position: position, Reason: "the endpoint needs newer versions; --allow-upgrades takes them:", ByHand: lines}
	}
	for _, needed := range w.Requires {
		if needed.Add && !l.has(needed.Name) {
			added = append(added, l.write(needed.Name, needed.Version))
		}
	}
	if len(added) > 0 {
		edits = append(edits, l.add(added)...)
	}
	return edits, lines, nil
}

// fitting returns the versions that a requirement may be of: those that are asked for, where there are any. Of Python every one
// counts that the project promises to run with, of a package the best.
func fitting(versions string, needed templates.Requirement) string {
	least := parseVersion(needed.Least)
	switch {
	case needed.Name == python:
		return raised(versions, needed.Version, least)
	case blocks(versions, least):
		return needed.Version
	}
	return versions
}

// installing says how to come to the packages.
func (p *program) installing(w script.Wish, lists []list, compiled []string) []string {
	var notes []string
	locked := false
	for _, lock := range []struct{ file, command string }{
		{"uv.lock", "uv sync"}, {"poetry.lock", "poetry lock && poetry install"}, {"pdm.lock", "pdm install"}, {"Pipfile", "pipenv install" + arguments(w.Requires)},
	} {
		if p.has(lock.file) {
			locked = true
			notes = append(notes, lock.file+" is not changed here; what the endpoint needs: "+lock.command)
		}
	}
	for _, name := range compiled {
		notes = append(notes, name+" is compiled, and not changed here: compile it again, and install what is in it")
	}
	if !slices.ContainsFunc(lists, func(l list) bool { return l.has(python) }) {
		notes = append(notes, "the endpoint needs Python 3.11 or newer")
	}
	switch {
	case locked:
	case len(lists) == 0 && len(compiled) == 0:
		notes = append(notes, "no list of what the project requires was found; what the endpoint needs: pip install"+arguments(w.Requires))
	case len(lists) > 0 && path.Ext(lists[0].Path) == ".txt":
		notes = append(notes, "pip install -r "+lists[0].Path+" installs what the endpoint needs")
	case len(lists) > 0 && path.Ext(lists[0].Path) == ".toml":
		notes = append(notes, "pip install -e "+path.Dir(lists[0].Path)+" or what you use instead installs what the endpoint needs")
	}
	return notes
}

// arguments are the requirements for a command line.
func arguments(requires []templates.Requirement) string {
	var b strings.Builder
	for _, r := range requires {
		if r.Add {
			b.WriteString(" '" + r.Name + r.Version + "'")
		}
	}
	return b.String()
}
