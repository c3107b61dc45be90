// Package pypatch finds where a Python program creates its FastAPI application, and computes the edits that put an MCP endpoint
// beside its routes: an import, and a call behind the statement. It is pure: it reads files and changes nothing.
//
// Source is taken apart into statements, which is enough to know where one ends; what a statement means is known for the few
// forms that are patched, and refused for the others.
package pypatch

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// Call is the function of ours that a patched program calls.
const Call = "install_mcp"

// Manifests are the names of files in the root of a project. setup.py is none of them: modules are called so, too.
func Manifests() []string {
	return []string{"pyproject.toml", "requirements.txt", "requirements.in", "setup.cfg", "Pipfile", "environment.yml"}
}

// Lists are those of them that are changed: they list what the project requires.
func Lists() []string { return []string{"pyproject.toml", "requirements.txt", "requirements.in"} }

// A program is an entry that was read.
type program struct {
	script.Project
	*source
	created   []creation
	installed string
}

// Read reads the entry of a project.
func Read(project script.Project) (script.Program, error) {
	content, err := fs.ReadFile(project.FS, project.Entry)
	if err != nil {
		return nil, fmt.Errorf("reading the program: %w", err)
	}
	if r := unreadable(project.Entry, content); r != nil {
		return nil, r
	}
	s, err := parse(project.Entry, content)
	if at, ok := errors.AsType[syntaxError](err); ok {
		text := script.Text{Path: project.Entry, Src: content}
		return nil, &refusal.Refusal{Code: refusal.CodeBuild, Position: text.Position(at.offset), Reason: "the code does not parse as it is: " + at.reason}
	}
	p := &program{Project: project, source: s, created: s.creations(), installed: s.installed()}
	if p.installed != "" {
		return p, nil
	}
	if len(p.created) == 0 {
		return nil, p.none()
	}
	if at := s.rebound(); at != "" {
		return nil, &refusal.Refusal{Code: refusal.CodeShape, Position: at, Reason: "the name of FastAPI means something else here, too; use another one"}
	}
	return p, nil
}

// Sites are the statements that create an application.
func (p *program) Sites() []script.Site {
	var sites []script.Site
	for _, c := range p.created {
		sites = append(sites, c.Site)
	}
	return sites
}

// Installed is where ours is called already.
func (p *program) Installed() string { return p.installed }

// Needs returns where a file uses what is ours, file:line; empty where it does not, or is no Python.
func Needs(file string, content []byte) string {
	s, err := parse(file, content)
	if err != nil {
		return ""
	}
	own, used := false, ""
	for _, i := range s.imports() {
		if i.ours() {
			return s.Position(s.statements[i.statement].start())
		}
		own = own || i.as == Call
	}
	for _, st := range s.statements {
		for at, t := range st.tokens {
			if t.kind != word || s.text(t) != Call {
				continue
			}
			own = own || s.is(st.tokens, at-1, "def") || s.is(st.tokens, at+1, "=")
			used = cmp.Or(used, s.Position(t.start))
		}
	}
	if own {
		return ""
	}
	return used
}

// ours says whether it is our function.
func (i imported) ours() bool {
	return i.name == Call && (i.module == script.Folder || strings.HasSuffix(i.module, "."+script.Folder))
}

// installed returns where what is imported from our package is called, file:line.
func (s *source) installed() string {
	for _, i := range s.imports() {
		if !i.ours() {
			continue
		}
		for _, st := range s.statements {
			if s.is(st.tokens, 0, i.as) && s.is(st.tokens, 1, "(") && !st.header {
				return s.Position(st.start())
			}
		}
	}
	return ""
}

// unreadable refuses a file in which bytes do not mean what they do in ASCII.
func unreadable(entry string, content []byte) *refusal.Refusal {
	text := script.Text{Path: entry, Src: content}
	if slices.Contains(content, 0) {
		return &refusal.Refusal{Code: refusal.CodeShape, Reason: entry + " is no text of single bytes: save it as UTF-8"}
	}
	name, at := encoding(text)
	known := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	if name == "" || slices.ContainsFunc([]string{"utf8", "ascii", "usascii", "latin", "l1", "iso8859", "cp125", "windows125", "koi8"}, known) {
		return nil
	}
	return &refusal.Refusal{Code: refusal.CodeShape, Position: text.Position(at), Reason: "the encoding of the file is not known to be one that has ASCII in it: save it as UTF-8"}
}

// none is the refusal of a file that creates no application, with the files of the project that do.
func (p *program) none() *refusal.Refusal {
	r := &refusal.Refusal{Code: refusal.CodeNone, Reason: p.Entry + " creates no application with FastAPI(…)"}
	for _, file := range p.files() {
		if other := p.read(file); other != nil && file != p.Entry && len(other.creations()) > 0 {
			r.ByHand = append(r.ByHand, "mcpauth retrofit "+file+"  "+other.creations()[0].Text)
		}
	}
	if len(r.ByHand) > 0 {
		r.Reason += "; it is created in:"
	}
	return r
}
