package tspatch

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/edit"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// call returns the edits that have the entry call ours with the application, and what the call is named there.
func (p *program) call(a app) (edits []edit.Edit, called string) {
	function := Function
	for i := 2; p.names(function); i++ {
		function = fmt.Sprintf("%s%d", Function, i)
	}
	if load, ok := p.load(a, function); ok {
		edits = append(edits, load)
	} else {
		function = fmt.Sprintf("require(%s).%s", p.quoted(p.from()), Function)
	}
	if a.name == "" {
		first, last := p.tokens[a.made.first].start, p.tokens[a.made.end-1].end
		return append(edits, edit.Insert(first, function+"("), edit.Insert(last, ")")), function
	}
	return append(edits, p.follow(a, function+"("+a.name+")")), function
}

// load returns the edit that imports ours behind what names Express. There is none where that is in a function, or in the
// statement that creates the application.
func (p *program) load(a app, function string) (edit.Edit, bool) {
	line := p.importLine(Function, function)
	for _, b := range p.bindings {
		if p.tokens[b.statement.first].within >= 0 || b.statement == a.stmt {
			continue
		}
		if p.module.imports && !b.imports {
			continue
		}
		return p.behind(b.statement, line), true
	}
	if !p.module.imports {
		return edit.Edit{}, false
	}
	return p.beforeFirst(line), true
}

// beforeFirst returns the edit that puts a line before the first statement: imports may stand anywhere, and are read first.
func (p *program) beforeFirst(line string) edit.Edit {
	for i := range p.tokens {
		if p.tokens[i].within < 0 && p.starts(i) && p.is(i, "import") && !p.is(i+1, "(", ".") {
			return p.behind(span{i, p.importEnd(i)}, line)
		}
	}
	return p.Before(p.tokens[0].start, line)
}

// importLine is the statement that names our function.
func (p *program) importLine(function, as string) string {
	from, semicolon := p.quoted(p.from()), ""
	if p.semicolons() {
		semicolon = ";"
	}
	switch {
	case !p.module.imports && as != function:
		return fmt.Sprintf("const { %s: %s } = require(%s)%s", function, as, from, semicolon)
	case !p.module.imports:
		return fmt.Sprintf("const { %s } = require(%s)%s", function, from, semicolon)
	case as != function:
		function += " as " + as
	}
	return fmt.Sprintf("import { %s } from %s%s", function, from, semicolon)
}

// from is the path that our file is imported by.
func (p *program) from() string { return "./" + script.Folder + "/install" + p.module.extension() }

// quoted returns s in the quotes that the file has around express.
func (p *program) quoted(s string) string {
	for i := range p.tokens {
		if p.isExpress(i) {
			return p.at(i)[:1] + s + p.at(i)[:1]
		}
	}
	return `"` + s + `"`
}

// semicolons says whether the file ends its statements with them.
func (p *program) semicolons() bool {
	return len(p.bindings) == 0 || p.is(p.bindings[0].statement.end-1, ";")
}

// follow returns the edit that puts a statement behind the one that creates the application.
func (p *program) follow(a app, statement string) edit.Edit {
	last := p.tokens[a.stmt.end-1]
	if p.is(a.stmt.end-1, ";") {
		statement += ";"
	} else if next := a.stmt.end; next < len(p.tokens) && !p.tokens[next].fresh {
		return edit.Insert(last.end, "; "+statement) // before the brace that ends a block of one line
	}
	return p.behind(a.stmt, statement)
}

// behind returns the edit that puts a line behind a statement, and behind a comment on its last line; where other statements
// follow on that line, before these.
func (p *program) behind(s span, statement string) edit.Edit {
	end := p.tokens[s.end-1].end
	rest := strings.TrimSpace(p.text[end:p.LineEnd(end)])
	if rest == "" || isComment(rest) || strings.HasPrefix(rest, "//") {
		return p.After(end, p.Indent(p.tokens[s.first].start)+statement)
	}
	return edit.Insert(end, " "+statement)
}

// isComment says whether a line holds one comment and nothing else.
func isComment(s string) bool {
	return strings.HasPrefix(s, "/*") && strings.Index(s, "*/") == len(s)-len("*/")
}

// Patch puts the endpoint in front of the application that the site creates.
func (p *program) Patch(site script.Site, w script.Wish) (script.Patch, error) {
	patch := script.Patch{Folder: script.FolderOf(p.Path), Adapt: p.adapt}
	var a app
	if p.Installed() == "" {
		a = p.apps[site.Index]
		if err := p.insert(a, &patch); err != nil {
			return patch, err
		}
	}
	var err error
	if patch.Path, err = p.endpoint(a, w.Path); err != nil {
		return patch, err
	}
	renamed := p.mentions()
	patch.Traits = p.traits(renamed)
	for _, name := range renamed {
		patch.Notes = append(patch.Notes, "the program has a use of its own for "+name+": the endpoint reads MCP_"+name)
	}
	return patch, p.addPackages(&patch, w)
}

// insert adds the changed entry to the patch, and what it is claimed to be.
func (p *program) insert(a app, patch *script.Patch) error {
	edits, function := p.call(a)
	after, err := edit.Apply(p.Src, edits)
	if err != nil {
		return fmt.Errorf("patching %s: %w", p.Path, err)
	}
	patch.Files = append(patch.Files, script.File{Path: p.Path, Before: p.Src, After: after, Reason: "puts the MCP endpoint in front of the routes"})
	patch.Claim = script.Claim{
		Before: p.Src, Source: after, Target: a.name, Function: function, Form: p.module.form(), Position: p.Position(p.tokens[a.made.first].start),
		ByHand: p.byHand(cmp.Or(a.name, "app")),
	}
	return p.prove(after, a, function)
}

// byHand are the lines to add.
func (p *program) byHand(target string) []string {
	return []string{p.importLine(Function, Function), Function + "(" + target + ")"}
}

// prove reads the changed file again: it creates as many applications as before, and calls ours once, with this one.
func (p *program) prove(after []byte, a app, function string) error {
	failed := &refusal.Refusal{Code: refusal.CodeShape, Position: p.Position(p.tokens[a.made.first].start), Reason: "the change of this statement cannot be told to be right"}
	src, err := scan(string(after))
	if err != nil {
		return failed
	}
	apps := src.apps(src.bindings())
	calls := 0
	for i := range src.tokens {
		if src.is(i, "(") && i > 0 && strings.HasSuffix(src.text[:src.tokens[i].start], function) {
			calls++
		}
	}
	if len(apps) != len(p.apps) || calls != 1 {
		return failed
	}
	return nil
}
