package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// scene is what is found out about the server before the checks.
type scene struct {
	// unreachable is the attempt to reach the server, if it failed.
	unreachable *exchange
	// scopes are all scopes that the metadata or the target names.
	scopes []string
	// refusal is the answer to a request without a token.
	refusal exchange
	// listing is the answer to tools/list, tools the tools in it.
	listing exchange
	tools   []Tool
	// public and scoped are the tools to call. They are nil when there is none, and then missing says why.
	public, scoped *Tool
	missing        string
	// chain is how far a client gets from the challenge to a token.
	chain chain
	// unfit says why the caller's token is not good for this server. Nil when it seems to be, or is unknown.
	unfit error
	// hide is what must not appear in a report.
	hide scrubber
	// modern is the answer to tools/list at 2026-07-28. Where it is none, that is C19's finding alone.
	modern exchange
	// followed counts the fetches of the keys that were this walk's own, in D5.
	followed atomic.Int32
}

// fetches counts how often the server has fetched the keys.
func (p *Probe) fetches() int { return p.Issuer.Fetches() - int(p.scene.followed.Load()) }

// maxToolsTried bounds how many tools are called to find those that the checks need.
const maxToolsTried = 20

// reach sends the first request, without a token, and finds out what must not be shown.
func (w *walk) reach(ctx context.Context) {
	p, s := w.probe(&Check{}), w.scene
	s.hide.add(w.target.Token)
	for _, value := range w.target.Hidden {
		s.hide.add(value)
	}
	s.refusal = p.send(ctx, p.initialize())
	if s.refusal.err != nil {
		s.unreachable = &s.refusal
	}
}

// survey finds the scopes and the tools.
func (w *walk) survey(ctx context.Context) {
	p, s := w.probe(&Check{}), w.scene
	if s.unreachable != nil {
		return
	}
	s.scopes = p.advertisedScopes(ctx)
	if w.target.ScopedTool != nil {
		s.scopes = union(s.scopes, w.target.ScopedTool.Scopes)
	}
	s.public, s.scoped = w.target.PublicTool, w.target.ScopedTool
	p.listTools(ctx)
	s.public, s.scoped = s.listed(s.public), s.listed(s.scoped)
	if p.Issuer != nil {
		p.findTools(ctx)
	}
}

// listed returns the tool if tools/list names it, or names nothing: a project's sample tools may be gone.
func (s *scene) listed(tool *Tool) *Tool {
	if tool == nil || len(s.tools) == 0 || slices.ContainsFunc(s.tools, func(t Tool) bool { return t.Name == tool.Name }) {
		return tool
	}
	return nil
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

func (p *Probe) advertisedScopes(ctx context.Context) []string {
	e := p.send(ctx, p.at(wellKnown+p.path()))
	var metadata struct {
		Scopes []string `json:"scopes_supported"`
	}
	if !e.is(200) || json.Unmarshal(e.body, &metadata) != nil {
		return nil
	}
	return metadata.Scopes
}

// allScopes are the claims of a token that may do everything.
func (p *Probe) allScopes() map[string]any {
	if p.Issuer == nil || len(p.scene.scopes) == 0 {
		return nil
	}
	return map[string]any{"scope": strings.Join(p.scene.scopes, " ")}
}

func (p *Probe) listTools(ctx context.Context) {
	token, err := p.token(p.allScopes())
	if err != nil {
		p.scene.missing = err.Error()
		return
	}
	p.scene.listing = p.inSession(ctx, token, p.rpc(revision2025November, "tools/list", nil))
	p.scene.modern = p.inSession(ctx, token, p.rpc(stateless, "tools/list", nil))
	tools, err := p.scene.listing.tools()
	if err != nil {
		p.scene.missing = fmt.Sprintf("tools/list with a good token: %s", p.shown(p.scene.listing))
		return
	}
	p.scene.tools = tools
}

// tools reads the answer to tools/list and makes up arguments that each tool should accept.
func (e exchange) tools() ([]Tool, error) {
	r, err := e.reply()
	if err != nil {
		return nil, err
	}
	var list struct {
		Tools []struct {
			Name   string          `json:"name"`
			Schema json.RawMessage `json:"inputSchema"`
			Hints  struct {
				Destructive bool `json:"destructiveHint"`
			} `json:"annotations"`
		} `json:"tools"`
	}
	if r.Result == nil {
		return nil, errNoReply
	}
	if err := json.Unmarshal(r.Result, &list); err != nil {
		return nil, err
	}
	var tools []Tool
	for _, t := range list.Tools {
		tools = append(tools, Tool{Name: t.Name, Arguments: exampleArguments(t.Schema), destructive: t.Hints.Destructive})
	}
	return tools, nil
}

// findTools calls the tools without a scope until one works and one is refused for its scopes.
func (p *Probe) findTools(ctx context.Context) {
	s := p.scene
	token, err := p.token(map[string]any{"scope": nil, "scopes": nil})
	if err != nil || (s.public != nil && s.scoped != nil) {
		return
	}
	for i, tool := range s.tools {
		if i == maxToolsTried || (s.public != nil && s.scoped != nil) {
			break
		}
		if s.scoped != nil && s.scoped.Name == tool.Name || tool.destructive {
			continue
		}
		e := p.inSession(ctx, token, p.call(revision2025November, tool))
		params, _ := e.bearerChallenge()
		switch {
		case s.public == nil && e.succeeded():
			s.public = &tool
		case s.scoped == nil && params["error"] == "insufficient_scope":
			tool.Scopes = strings.Fields(params["scope"])
			s.scoped = &tool
			s.scopes = union(s.scopes, tool.Scopes)
		}
	}
	if s.missing == "" && len(s.tools) == 0 {
		s.missing = "tools/list names no tool"
	}
}

// revisions are those at which calls are to be tried. What was not tried for want of one is recorded.
func (p *Probe) revisions(what string) []string {
	all := []string{revision2025March, revision2025June, revision2025November}
	if !p.scene.modern.succeeded() {
		p.skip("%s: %s is not served", what, stateless)
		return all
	}
	return append(all, stateless)
}

// scopedTool returns a tool that requires scopes, or records that what needs one was not checked.
func (p *Probe) scopedTool(what string) (Tool, bool) {
	if p.scene.scoped != nil {
		return *p.scene.scoped, true
	}
	reason := "no tool refused a token without scopes; name one that requires a scope"
	if p.scene.missing != "" {
		reason = p.scene.missing
	}
	p.skip("%s: %s", what, reason)
	return Tool{}, false
}

// publicTool returns a tool that requires no scope, or records that what needs one was not checked.
func (p *Probe) publicTool(what string) (Tool, bool) {
	if p.scene.public != nil {
		return *p.scene.public, true
	}
	reason := "no tool works without scopes; name one that does"
	if p.scene.missing != "" {
		reason = p.scene.missing
	}
	p.skip("%s: %s", what, reason)
	return Tool{}, false
}

// inSession sends r with token and, if the server does not answer it outside of a session, opens one
// first: servers that we did not write may have sessions.
func (p *Probe) inSession(ctx context.Context, token string, r request) exchange {
	e := p.send(ctx, r.bearer(token))
	if !e.outOfSession() {
		return e
	}
	opened := p.send(ctx, p.initialize().bearer(token))
	session := field{"Mcp-Session-Id", opened.header.Get("Mcp-Session-Id")}
	if !opened.is(200) || session.value == "" {
		return e
	}
	p.send(ctx, p.post([]byte(initialized)).bearer(token).with(session))
	return p.send(ctx, r.bearer(token).with(session))
}

// initialized is the notification that ends the handshake.
const initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`

// outOfSession reports whether the answer may be an error for want of a session.
func (e exchange) outOfSession() bool {
	if e.is(200) {
		r, err := e.reply()
		return err == nil && r.Error != nil
	}
	return e.is(400, 404) && len(challenges(e.header.Values("WWW-Authenticate"))) == 0
}

// exampleArguments makes up a value for every required property of a JSON schema.
func exampleArguments(schema json.RawMessage) map[string]any {
	var object struct {
		Required   []string `json:"required"`
		Properties map[string]struct {
			Type json.RawMessage `json:"type"`
			Enum []any           `json:"enum"`
		} `json:"properties"`
	}
	arguments := map[string]any{}
	if json.Unmarshal(schema, &object) != nil {
		return arguments
	}
	for _, name := range object.Required {
		property := object.Properties[name]
		var kind string
		_ = json.Unmarshal(property.Type, &kind) // a list of types leaves the default
		switch {
		case len(property.Enum) > 0:
			arguments[name] = property.Enum[0]
		case kind == "integer", kind == "number":
			arguments[name] = 1
		case kind == "boolean":
			arguments[name] = true
		case kind == "array":
			arguments[name] = []any{}
		case kind == "object":
			arguments[name] = map[string]any{}
		default:
			arguments[name] = "mcpauth"
		}
	}
	return arguments
}
