// Package tspatch finds where an Express program in JavaScript or TypeScript creates its application, and computes the edits that
// put the MCP endpoint in front of its routes. It is pure: it reads files and changes none.
//
// Source is read as tokens, not as a grammar: enough to find a statement and its end. What is in doubt is not changed: an
// application that no statement of its own creates is wrapped where it is, and other files are refused with a
// [refusal.Refusal].
package tspatch

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// Function is what a patched program calls with its application.
const Function = "installMcp"

// program is an entry file in its package.
type program struct {
	script.Project
	script.Text
	*source
	manifest manifest
	module   module
	bindings []binding
	apps     []app
}

// Read reads the entry of a project, a package with a package.json.
func Read(project script.Project) (script.Program, error) {
	src, err := fs.ReadFile(project, project.Entry)
	if err != nil {
		return nil, fmt.Errorf("reading the program: %w", err)
	}
	p := &program{Project: project, Text: script.Text{Path: project.Entry, Src: src}}
	if p.source, err = scan(string(src)); err != nil {
		return nil, unread(p.Text, err)
	}
	if p.manifest, err = readManifest(project); err != nil {
		return nil, err
	}
	if p.module, err = p.readModule(); err != nil {
		return nil, err
	}
	p.bindings = p.source.bindings()
	p.apps = p.source.apps(p.bindings)
	if p.Installed() != "" {
		return p, nil
	}
	if err := p.ownMCP(); err != nil {
		return nil, err
	}
	if len(p.apps) == 0 {
		return nil, p.none()
	}
	return p, nil
}

// unread is the refusal of a file that is not understood.
func unread(text script.Text, err error) error {
	at, _ := errors.AsType[syntaxError](err)
	return &refusal.Refusal{Code: refusal.CodeBuild, Position: text.Position(at.at), Reason: "the file cannot be read as it is: " + err.Error()}
}

// none is the refusal of a file that makes no application.
func (p *program) none() error {
	r := &refusal.Refusal{Code: refusal.CodeNone, Position: p.Path, Reason: "the file creates no application of Express: name the one that calls express()"}
	if others := p.elsewhere(); len(others) > 0 {
		r.Reason = "the file creates no application of Express; these files that it imports do:"
		r.ByHand = others
		return r
	}
	if len(p.bindings) > 0 {
		r.Position = p.Position(p.tokens[p.bindings[0].statement.first].start)
	}
	r.Reason += "; where yours is in a variable app, write this after it:"
	r.ByHand = p.byHand("app")
	return r
}

// ownMCP refuses a program that answers MCP by itself: two endpoints would contradict each other.
func (p *program) ownMCP() error {
	for i := range p.tokens {
		name := p.unquoted(i)
		for _, sdk := range []string{"@modelcontextprotocol/sdk/server", "@modelcontextprotocol/server", "@modelcontextprotocol/express", "@modelcontextprotocol/node"} {
			if (name == sdk || strings.HasPrefix(name, sdk+"/")) && (p.is(i-1, "from", "import") || p.is(i-2, "require", "import")) {
				return &refusal.Refusal{
					Code: refusal.CodeMCP, Position: p.Position(p.tokens[i].start),
					Reason: "the program answers MCP by itself, with " + name + ": patches of such programs are for Go so far",
				}
			}
		}
	}
	return nil
}

// Sites are where the file creates applications.
func (p *program) Sites() []script.Site {
	var list []script.Site
	for i, a := range p.apps {
		list = append(list, p.site(i, a))
	}
	return list
}

func (p *program) site(i int, a app) script.Site {
	first := p.tokens[a.made.first].start
	start := max(p.LineStart(first), len(p.text)-len(strings.TrimPrefix(p.text, script.BOM)))
	return script.Site{Position: p.Position(first), Text: script.OneLine(p.Src[start:p.LineEnd(first)]), Index: i}
}

// Installed is where the file calls ours already.
func (p *program) Installed() string {
	if p.ours() < 0 {
		return ""
	}
	for i := range p.tokens {
		if p.isKind(i, word) && strings.HasPrefix(p.at(i), Function) && p.is(i+1, "(") {
			return p.Position(p.tokens[i].start)
		}
	}
	return ""
}

// ours returns the token that names our file in an import, -1 if none does.
func (s *source) ours() int {
	return slices.IndexFunc(s.tokens, func(t token) bool {
		return t.kind == text && strings.HasPrefix(s.text[t.start+1:t.end], "./"+script.Folder+"/install")
	})
}

// Needs returns where the content of an entry imports what is ours, file:line; empty where it does not.
func Needs(entry string, content []byte) string {
	s, err := scan(string(content))
	if err != nil || s.ours() < 0 {
		return ""
	}
	return script.Text{Path: entry, Src: content}.Position(s.tokens[s.ours()].start)
}

// elsewhere lists the applications that files create which the entry imports.
func (p *program) elsewhere() []string {
	var list []string
	for i := range p.tokens {
		name := p.unquoted(i)
		if !strings.HasPrefix(name, "./") && !strings.HasPrefix(name, "../") {
			continue
		}
		for _, file := range candidates(path.Join(path.Dir(p.Path), name)) {
			other, err := fs.ReadFile(p.FS, file)
			if err != nil {
				continue
			}
			src, err := scan(string(other))
			if err != nil {
				break
			}
			q := program{Text: script.Text{Path: file, Src: other}, source: src}
			q.apps = src.apps(src.bindings())
			list = append(list, script.List(q.Sites())...)
			break
		}
	}
	return list
}

// candidates are the files that an import of a relative path may mean.
func candidates(name string) []string {
	list := []string{name}
	bare := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".js"), ".mjs"), ".cjs")
	for _, base := range []string{bare, bare + "/index"} {
		for _, ext := range []string{".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"} {
			list = append(list, base+ext)
		}
	}
	return list
}
