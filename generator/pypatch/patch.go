package pypatch

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/internal/edit"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// Patch returns what changes for the application of a site.
func (p *program) Patch(site script.Site, w script.Wish) (script.Patch, error) {
	patch := script.Patch{Folder: script.FolderOf(p.Entry)}
	var c creation
	if p.installed == "" {
		var err error
		if c, err = p.chosen(site); err != nil {
			return patch, err
		}
		if err := p.insert(c, &patch); err != nil {
			return patch, err
		}
	}
	files := p.reached()
	r := p.routed(files)
	if slices.ContainsFunc(p.split(c.arguments), func(a []token) bool { return p.is(a, 0, "routes") || p.is(a, 0, "*") || p.is(a, 0, "**") }) {
		r.unknown = c.Position
	}
	var err error
	if patch.Path, err = p.endpoint(files, r, w.Path); err != nil {
		return patch, err
	}
	patch.Notes = slices.Concat(p.notes(c, files, r), patch.Notes)
	err = p.require(w, &patch)
	return patch, err
}

// chosen returns the creation of a site, if something can be put behind it.
func (p *program) chosen(site script.Site) (creation, error) {
	i := slices.IndexFunc(p.created, func(c creation) bool { return c.Index == site.Index })
	c := p.created[i]
	if c.blocked != nil {
		return c, c.blocked
	}
	for _, other := range p.created {
		if other.Index != c.Index && other.target == c.target && p.scope(other.Index) == p.scope(c.Index) {
			return c, &refusal.Refusal{
				Code: refusal.CodeShape, Position: other.Position,
				Reason: fmt.Sprintf("%s is created here and at %s; add the import, and the call where it is known to be the one that serves, and run this again:", c.target, c.Position),
				ByHand: p.byHand(c.target),
			}
		}
	}
	return c, nil
}

// byHand are the lines to add.
func (p *program) byHand(target string) []string {
	module, err := p.ourModule()
	if err != nil {
		module = "." + script.Folder
	}
	return []string{"from " + module + " import " + Call, Call + "(" + target + ")"}
}

// insert adds the changed entry to the patch, and what it is claimed to be.
func (p *program) insert(c creation, patch *script.Patch) error {
	module, err := p.ourModule()
	if err != nil {
		return err
	}
	base, _ := p.base()
	if err := p.shadowed(base); err != nil {
		return err
	}
	function, line := Call, "from "+module+" import "+Call
	if p.words()[Call] {
		function = script.Fresh(p.words(), Call)
		line += " as " + function
	}
	call := function + "(" + c.target + ")"
	imports := p.importEdit(c, module, line)
	after, err := edit.Apply(p.Src, []edit.Edit{imports, p.callEdit(c, call)})
	if err != nil {
		return fmt.Errorf("patching %s: %w", p.Entry, err)
	}
	patch.Files = append(patch.Files, script.File{Path: p.Entry, Before: p.Src, After: after, Reason: "gets the endpoint, behind " + c.Text})
	patch.Claim = script.Claim{
		Before: p.Src, Source: after, Line: p.Line(p.statements[c.Index].start()) + bytes.Count(imports.New, []byte("\n")), Target: c.target, Function: function,
		Position: c.Position, ByHand: []string{line, call},
	}
	return p.checkClaim(patch.Claim)
}

// callEdit puts the call behind the statement: on a line of its own, or where something shares the line, on that.
func (p *program) callEdit(c creation, call string) edit.Edit {
	st := p.statements[c.Index]
	if st.inline || st.more {
		return edit.Insert(st.last(), "; "+call)
	}
	return p.After(st.end, p.Indent(st.start())+call)
}

// checkClaim reads the changed entry, and wants to find there what is claimed, and nothing else to be different.
func (p *program) checkClaim(claim script.Claim) error {
	s, err := parse(p.Entry, claim.Source)
	if err == nil && len(s.statements) != len(p.statements)+2 {
		err = fmt.Errorf("%d statements became %d", len(p.statements), len(s.statements))
	}
	if err == nil && !s.claimed(claim) {
		err = errors.New("the call is not behind the statement")
	}
	if err == nil {
		return nil
	}
	return &refusal.Refusal{
		Code: refusal.CodeShape, Position: claim.Position, Reason: "the lines cannot be added here without a doubt: " + err.Error() + "; add them, and run this again:",
		ByHand: claim.ByHand,
	}
}

// claimed says whether the statement on the line of a claim gives the target the application, and the next one is the call.
func (s *source) claimed(claim script.Claim) bool {
	for _, c := range s.creations() {
		next := c.Index + 1
		if s.Line(s.statements[c.Index].start()) != claim.Line || c.target != claim.Target || next == len(s.statements) {
			continue
		}
		st := s.statements[next]
		name, n := s.dotted(st.tokens)
		argument, m := s.dotted(st.tokens[min(n+1, len(st.tokens)):])
		same := st.parent == s.statements[c.Index].parent && name == claim.Function && argument == claim.Target
		called := s.is(st.tokens, n, "(") && s.is(st.tokens, n+1+m, ")") && len(st.tokens) == n+m+2
		return same && called && s.importsBefore(claim.Function, c.Index)
	}
	return false
}

// importsBefore says whether the module imports the function before a statement, and nothing from the future after that.
func (s *source) importsBefore(function string, statement int) bool {
	at, future := -1, -1
	for _, i := range s.imports() {
		if i.as == function && i.name == Call && s.top(i.statement) {
			at = i.statement
		}
		if i.module == "__future__" {
			future = i.statement
		}
	}
	return future < at && at < statement
}

// notes are what a person has to know of the endpoint beside the program's routes.
func (p *program) notes(c creation, files []*source, r routing) []string {
	var notes []string
	if at := r.named("/health"); at != "" {
		notes = append(notes, "your /health at "+at+" stays as it is")
	}
	var middleware []string
	for _, s := range files {
		middleware = append(middleware, s.middleware()...)
	}
	if len(middleware) > 0 {
		notes = append(notes, "requests to MCP go through your middleware first, as all do: "+strings.Join(middleware, ", "))
	}
	for _, a := range p.split(c.arguments) {
		switch {
		case p.is(a, 0, "dependencies") && p.is(a, 1, "="):
			notes = append(notes, "the dependencies of FastAPI(…) at "+c.Position+" are not asked for MCP, which needs a token instead")
		case p.is(a, 0, "root_path") && p.is(a, 1, "="):
			notes = append(notes, "root_path at "+c.Position+": the metadata names the public URL, whose path has to be that of MCP here")
		}
	}
	return notes
}

// middleware returns where middleware is put around all routes.
func (s *source) middleware() []string {
	var found []string
	for _, st := range s.statements {
		tokens := st.tokens
		if s.is(tokens, 0, "@") {
			tokens = tokens[1:]
		}
		name, n := s.dotted(tokens)
		if s.is(tokens, n, "(") && (strings.HasSuffix(name, ".add_middleware") || strings.HasSuffix(name, ".middleware")) {
			found = append(found, s.Position(st.start()))
		}
	}
	return found
}
