package contract

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// otherScope is a scope that no tool asks for.
const otherScope = "contract:nothing"

func checkScopeClaims(ctx context.Context, p *Probe) {
	if _, ok := p.forger("scope and scopes"); !ok {
		return
	}
	tool, ok := p.scopedTool("scope and scopes")
	if !ok {
		return
	}
	needed := strings.Join(tool.Scopes, " ")
	first, rest := tool.Scopes[:1], tool.Scopes[1:]
	granted := []form{
		{"scope as a string", map[string]any{"scope": needed}},
		{"scope among others", map[string]any{"scope": otherScope + " " + needed}},
		{"scopes as an array", map[string]any{"scopes": tool.Scopes}},
		{"scopes among others", map[string]any{"scopes": append([]string{otherScope}, tool.Scopes...)}},
		{"scopes beside a scope that does not matter", map[string]any{"scope": otherScope, "scopes": tool.Scopes}},
		{"scope beside scopes that do not matter", map[string]any{"scope": needed, "scopes": []string{otherScope}}},
		{"both the same", map[string]any{"scope": needed, "scopes": tool.Scopes}},
		{"scope beside an empty scopes", map[string]any{"scope": needed, "scopes": []string{}}},
		{"scopes beside an empty scope", map[string]any{"scope": "", "scopes": tool.Scopes}},
	}
	if len(rest) > 0 {
		granted = append(granted,
			form{"one in scope, the others in scopes", map[string]any{"scope": first[0], "scopes": rest}},
			form{"one in scopes, the others in scope", map[string]any{"scope": strings.Join(rest, " "), "scopes": first}})
	}
	for _, f := range granted {
		if token, ok := p.mint(f.name, f.claims); ok {
			r := p.call(revision2025November, tool)
			r.note = "a token with " + f.name
			e := p.inSession(ctx, token, r)
			p.expect(e.succeeded(), e, "the result of %s: the token has %s", tool.Name, needed)
		}
	}
	if token, ok := p.mint("neither", map[string]any{"scope": otherScope, "scopes": []string{otherScope}}); ok {
		e := p.inSession(ctx, token, p.call(revision2025November, tool))
		p.expect(!e.succeeded(), e, "the call of %s refused: the token has %s in neither", tool.Name, needed)
	}
}

// checkDenied checks the answer to a call for which the token lacks a scope.
func (p *Probe) checkDenied(e exchange, tool Tool) {
	if p.target.RefusalInBody && e.is(200) {
		p.expect(!e.succeeded(), e, "the call refused: the token lacks a scope")
		return
	}
	if !p.expect(e.is(403), e, "403: the token lacks a scope") {
		return
	}
	params, ok := e.bearerChallenge()
	if !p.expect(ok, e, "one WWW-Authenticate challenge, Bearer") {
		return
	}
	p.expect(params["error"] == "insufficient_scope", e, `error="insufficient_scope"`)
	p.expect(len(tool.Scopes) == 0 || sameScopes(params["scope"], tool.Scopes), e, "scope=%q, everything the tool needs", strings.Join(tool.Scopes, " "))
	p.expect(params["scope"] != "", e, "scope with everything the tool needs")
	refusal, _ := p.scene.refusal.bearerChallenge()
	p.expect(params["resource_metadata"] != "" && params["resource_metadata"] == refusal["resource_metadata"], e,
		"resource_metadata=%q, as in a 401", refusal["resource_metadata"])
}

func sameScopes(scope string, wanted []string) bool {
	return hasAll(scope, wanted) && len(strings.Fields(scope)) == len(wanted)
}

func checkToolScopes(ctx context.Context, p *Probe) {
	if _, ok := p.forger("calls without a scope"); !ok {
		return
	}
	tool, ok := p.scopedTool("calls without a scope")
	if !ok {
		return
	}
	none, ok := p.mint("calls without a scope", nil)
	if !ok {
		return
	}
	if full, ok := p.mint("a call with every scope", p.allScopes()); ok {
		e := p.inSession(ctx, full, p.call(revision2025November, tool))
		p.expect(e.succeeded(), e, "the result of %s: the token has every scope", tool.Name)
	}
	for _, revision := range p.revisions("calls without a scope") {
		p.checkDenied(p.inSession(ctx, none, p.call(revision, tool)), tool)
	}
	for _, scope := range lookalikes(tool.Scopes) {
		if token, ok := p.mint("lookalikes of a scope", map[string]any{"scope": scope}); ok {
			r := p.call(revision2025November, tool)
			r.note = "a token with the scope " + scope
			p.checkDenied(p.inSession(ctx, token, r), tool)
		}
	}
	p.checkEvasions(ctx, none, tool)
}

// lookalikes are values of scope in which one of those needed is replaced by something that resembles it,
// or is missing.
func lookalikes(needed []string) []string {
	scope, rest := needed[0], needed[1:]
	similar := []string{scope + "s", scope[:len(scope)-1], "x" + scope, scope + ",", "*", swapCase(scope)}
	if len(rest) > 0 {
		similar = append(similar, "")
	}
	for i := range similar {
		similar[i] = strings.TrimSpace(strings.Join(append([]string{similar[i]}, rest...), " "))
	}
	if len(rest) > 0 {
		similar = append(similar, scope)
	}
	return similar
}

func swapCase(text string) string {
	if upper := strings.ToUpper(text); upper != text {
		return upper
	}
	return strings.ToLower(text)
}

func (p *Probe) checkEvasions(ctx context.Context, token string, tool Tool) {
	harmless := p.harmless(ctx, token, tool)
	for _, evasion := range p.evasions(tool) {
		r := evasion.request
		r.note = evasion.name
		e := p.inSession(ctx, token, r)
		refusable := evasion.kind == certain || evasion.kind == mixed && !e.isStream()
		if refusable && !p.target.RefusalInBody {
			// A server that takes METHOD for method has run something else, which is seen below.
			p.expect(e.is(400, 403) || e.succeeded(), e, "403, or 400 where this form is not accepted: %s", evasion.name)
		}
		p.expect(!e.ran(harmless), e, "%s does not run: the token lacks its scope", tool.Name)
	}
}

// harmless are the contents that the tool without scopes returns, for its own arguments and for those of
// the one with scopes.
func (p *Probe) harmless(ctx context.Context, token string, scoped Tool) []string {
	if p.scene.public == nil {
		return nil
	}
	var contents []string
	for _, arguments := range []map[string]any{p.scene.public.Arguments, scoped.Arguments} {
		e := p.inSession(ctx, token, p.call(revision2025November, Tool{Name: p.scene.public.Name, Arguments: arguments}))
		if r, err := e.reply(); err == nil && r.succeeded() {
			contents = append(contents, r.content())
		}
	}
	return contents
}

// ran reports whether any tool has run, apart from one that returns a harmless content.
func (e exchange) ran(harmless []string) bool {
	if !e.is(200) {
		return false
	}
	all, err := e.replies()
	if err != nil {
		return false
	}
	for _, r := range all {
		if content := r.content(); r.succeeded() && content != "" && !slices.Contains(harmless, content) {
			return true
		}
	}
	return false
}

// content is the content of the result of a tool, empty for other results.
func (r reply) content() string {
	var result struct {
		Content json.RawMessage `json:"content"`
	}
	_ = json.Unmarshal(r.Result, &result) // leaves nil for what is no object
	return string(result.Content)
}
