package tspatch

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/edit"
)

// traits say what the program is, to choose among the files of ours.
func (p *program) traits(renamed []string) []string {
	settings := "plain-settings"
	if len(renamed) > 0 {
		settings = "renamed-settings"
	}
	switch {
	case p.module.typed:
		return []string{"typescript", settings}
	case p.module.imports:
		return []string{"javascript", "module", settings}
	}
	return []string{"javascript", "commonjs", settings}
}

// adapt gives the imports in a file of ours the suffix that those of the program have.
func (p *program) adapt(content []byte) []byte {
	if !p.module.typed || p.module.suffix == ".js" {
		return content
	}
	return ownImport.ReplaceAll(content, []byte("$1"+p.module.suffix+`"`))
}

var ownImport = regexp.MustCompile(`((?:from |import\()"\.\.?/[^"]+)\.js"`)

// addPackages gives the program's package.json what ours needs.
func (p *program) addPackages(patch *script.Patch, w script.Wish) error {
	edits, notes, err := p.manifest.require(w.Requires, w.Upgrades)
	if err != nil {
		return err
	}
	patch.Notes = append(patch.Notes, notes...)
	if len(edits) == 0 {
		return nil
	}
	after, err := edit.Apply(p.manifest.Src, edits)
	if err != nil {
		return err
	}
	patch.Notes = append(patch.Notes, "run "+installCommand(p.FS)+" next, which brings the lock file up to date, too")
	patch.Files = append(patch.Files, script.File{Path: Manifest, Before: p.manifest.Src, After: after, Reason: "the packages that the endpoint needs"})
	return nil
}

// mentions returns the optional settings that the program speaks of, in its files or in those with its settings. What is
// required has only one meaning.
func (p *program) mentions() []string {
	var found []string
	// What cannot be read says nothing that is read either.
	_ = fs.WalkDir(p.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case entry.IsDir() && name != "." && leftOut(path.Base(name)):
			return fs.SkipDir
		case entry.IsDir() || !isSource(name) && !strings.HasPrefix(path.Base(name), ".env"):
			return nil
		}
		content, _ := fs.ReadFile(p.FS, name)
		for _, setting := range []string{"ALLOWED_ORIGINS", "MAX_BODY_BYTES"} {
			if !slices.Contains(found, setting) && hasWord(content, setting) {
				found = append(found, setting)
			}
		}
		return nil
	})
	slices.Sort(found)
	return found
}

// leftOut says whether a directory holds nothing that a person wrote for this program.
func leftOut(name string) bool {
	return name == "node_modules" || name == "dist" || name == "build" || name == script.Folder || strings.HasPrefix(name, ".")
}

// hasWord says whether a name stands in content, and is no part of a longer one.
func hasWord(content []byte, name string) bool {
	for {
		at := bytes.Index(content, []byte(name))
		if at < 0 {
			return false
		}
		after := content[at+len(name):]
		if (at == 0 || !isPart(content[at-1])) && (len(after) == 0 || !isPart(after[0])) {
			return true
		}
		content = after
	}
}

func isPart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isSource(name string) bool { return slices.Contains(Suffixes(), path.Ext(name)) }

// Suffixes are those of files that are read.
func Suffixes() []string { return []string{".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"} }
