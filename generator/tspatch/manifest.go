package tspatch

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/edit"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/templates"
	"golang.org/x/mod/semver"
)

// A manifest is a package.json.
type manifest struct {
	document
	esm bool // its files .js are modules of ECMAScript
}

// Manifest is the name of the file in the root of a package.
const Manifest = "package.json"

func readManifest(project fs.FS) (manifest, error) {
	if _, err := fs.Stat(project, Manifest); err != nil {
		return manifest{}, &refusal.Refusal{Code: refusal.CodeBuild, Reason: "the program is in no package: it has no " + Manifest}
	}
	d, err := readDocument(project, Manifest)
	if err != nil {
		return manifest{}, err
	}
	return manifest{d, d.unquoted(d.value("type")) == "module"}, nil
}

// node is the requirement that package.json has among its engines.
const node = "node"

// require returns the edits that give the program what is required, and what they raise. The error is a Refusal where a version
// that the program asks for is too old, and may not be raised.
func (m manifest) require(list []templates.Requirement, upgrades bool) (edits []edit.Edit, notes []string, err error) {
	var missing []templates.Requirement
	for _, r := range list {
		at := m.asked(r.Name)
		if at < 0 {
			if r.Add {
				missing = append(missing, r)
			}
			continue
		}
		have := m.unquoted(at)
		if !older(have, r.Least) {
			continue
		}
		if !upgrades {
			return nil, nil, &refusal.Refusal{
				Code: refusal.CodeUpgrade, Position: m.Position(m.tokens[at].start),
				Reason: fmt.Sprintf("the program asks for %s %s, and the endpoint needs %s; --allow-upgrades lets it move", r.Name, have, r.Least),
			}
		}
		edits = append(edits, m.replaced(at, r.Version))
		notes = append(notes, fmt.Sprintf("%s: %s %s → %s", Manifest, r.Name, have, r.Version))
	}
	return append(edits, m.added(missing)...), notes, nil
}

func (m manifest) replaced(at int, value string) edit.Edit {
	t := m.tokens[at]
	return edit.Edit{Start: t.start, End: t.end, New: []byte(`"` + value + `"`)}
}

// asked returns the version that the program asks of a package, as a token; -1 where it does not.
func (m manifest) asked(name string) int {
	if name == node {
		return m.value("engines", node)
	}
	for _, list := range []string{"dependencies", "peerDependencies", "optionalDependencies"} { // what is for development alone is not there later
		if at := m.value(list, name); at >= 0 {
			return at
		}
	}
	return -1
}

// added returns the edits that put packages among the dependencies: each before the first that sorts after it.
func (m manifest) added(packages []templates.Requirement) []edit.Edit {
	if len(packages) == 0 {
		return nil
	}
	slices.SortFunc(packages, func(a, b templates.Requirement) int { return cmp.Compare(a.Name, b.Name) })
	object := m.value("dependencies")
	if object < 0 || !m.is(object, "{") {
		return m.newList(packages)
	}
	members := m.members(object)
	if len(members) == 0 {
		return []edit.Edit{{Start: m.tokens[object].start, End: m.tokens[m.tokens[object].pair].end, New: []byte(m.object(packages, m.Indent(m.tokens[object].start)))}}
	}
	between := ", "
	if m.tokens[members[0].key].fresh {
		first := m.tokens[members[0].key].start
		between = "," + m.Newline(first) + m.Indent(first)
	}
	var edits []edit.Edit
	for _, n := range packages {
		entry := fmt.Sprintf("%q: %q", n.Name, n.Version)
		if i := slices.IndexFunc(members, func(o member) bool { return m.unquoted(o.key) > n.Name }); i >= 0 {
			edits = append(edits, edit.Insert(m.tokens[members[i].key].start, entry+between))
		} else {
			last := members[len(members)-1].value
			edits = append(edits, edit.Insert(m.tokens[last].end, between+entry))
		}
	}
	return edits
}

// newList returns the edit that gives a package.json dependencies, as its first member.
func (m manifest) newList(packages []templates.Requirement) []edit.Edit {
	indent := m.unit()
	list := `"dependencies": ` + m.object(packages, indent)
	members := m.members(0)
	if len(members) == 0 {
		newline := m.Newline(0)
		return []edit.Edit{edit.Insert(m.tokens[0].end, newline+indent+list+newline)}
	}
	last := members[len(members)-1].value
	if m.is(last, "{", "[") {
		last = m.tokens[last].pair
	}
	return []edit.Edit{edit.Insert(m.tokens[last].end, ","+m.Newline(0)+indent+list)}
}

// object is a list of packages behind a key that has the indent.
func (m manifest) object(packages []templates.Requirement, indent string) string {
	newline := m.Newline(0)
	var lines []string
	for _, n := range packages {
		lines = append(lines, fmt.Sprintf("%s%s%q: %q", indent, m.unit(), n.Name, n.Version))
	}
	return "{" + newline + strings.Join(lines, ","+newline) + newline + indent + "}"
}

// unit is the indent of the outermost members.
func (m manifest) unit() string {
	if members := m.members(0); len(members) > 0 && m.tokens[members[0].key].fresh {
		return m.Indent(m.tokens[members[0].key].start)
	}
	return "  "
}

// older says whether a range of versions begins before least. Of one that cannot be told, such as "latest", nothing is said.
func older(asked, least string) bool {
	first := strings.TrimLeft(asked, "^~>=v ")
	if end := strings.IndexAny(first, " |"); end >= 0 {
		first = first[:end]
	}
	first = "v" + strings.NewReplacer(".x", "", ".X", "", ".*", "").Replace(first)
	return semver.IsValid(first) && semver.Compare(first, "v"+least) < 0
}

// installCommand is what a person runs to install the packages, as the lock file tells.
func installCommand(project fs.FS) string {
	for _, manager := range []struct{ lock, command string }{
		{"pnpm-lock.yaml", "pnpm install"}, {"yarn.lock", "yarn install"}, {"bun.lock", "bun install"}, {"bun.lockb", "bun install"},
	} {
		if _, err := fs.Stat(project, manager.lock); err == nil {
			return manager.command
		}
	}
	return "npm install"
}
