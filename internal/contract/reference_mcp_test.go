package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// serveMCP is a Model Context Protocol server of two tools, without sessions, for every revision.
func (s *reference) serveMCP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := s.readBody(w, r)
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if s.is("log-body") {
		s.log.line(map[string]any{"msg": "request", "body": string(body)})
	}
	revision := r.Header.Get("MCP-Protocol-Version")
	known := []string{"", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"}
	if s.is("revision-new-only") {
		known = known[4:]
	}
	body = bytes.TrimSpace(body)
	if bytes.HasPrefix(body, []byte("[")) {
		s.serveBatch(w, r, body)
		return
	}
	var m call
	if !m.parse(s, body) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch {
	case revision < "2026" && !slices.Contains(known, revision):
		w.WriteHeader(http.StatusBadRequest)
		return
	case revision >= "2026" && !s.checkModern(w, r, revision, known, m):
		return
	case revision < "2026" && m.version() != "" && !s.is("revision-mismatch"):
		s.mismatch(w, m)
		return
	case s.is("session") && m.method != "initialize" && r.Header.Get("Mcp-Session-Id") == "":
		w.WriteHeader(http.StatusBadRequest)
		return
	case m.id == nil:
		w.WriteHeader(http.StatusAccepted)
		return
	case s.is("once") && s.requests.Add(1) > 40 && m.method == "tools/call" && m.name() == "greet":
		http.Error(w, "already connected", http.StatusInternalServerError)
		return
	}
	if s.is("session") && m.method == "initialize" {
		w.Header().Set("Mcp-Session-Id", "session-1")
	}
	s.answer(w, r, []call{m}, false)
}

func (s *reference) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	limit := int64(limits.Body)
	switch {
	case s.is("limit-body-announced") && r.ContentLength > limit:
		return nil, &http.MaxBytesError{Limit: limit}
	case s.is("limit-body"), s.is("limit-body-announced"):
		limit = 1 << 30
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
}

// checkModern checks what 2026-07-28 requires of the headers.
func (s *reference) checkModern(w http.ResponseWriter, r *http.Request, revision string, known []string, m call) bool {
	if s.is("revision-old-only") || !slices.Contains(known, revision) && !s.is("revision-any") {
		s.write(w, http.StatusBadRequest, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32022,"message":"no","data":{"supported":["2026-07-28"]}}}`, m.id))
		return false
	}
	mismatch := r.Header.Get("Mcp-Method") != m.method || m.method == "tools/call" && r.Header.Get("Mcp-Name") != m.name() || m.version() != revision
	if mismatch && !s.is("revision-mismatch") {
		s.mismatch(w, m)
		return false
	}
	return true
}

func (s *reference) mismatch(w http.ResponseWriter, m call) {
	s.write(w, http.StatusBadRequest, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32020,"message":"header mismatch"}}`, m.id))
}

func (s *reference) write(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func (s *reference) serveBatch(w http.ResponseWriter, r *http.Request, body []byte) {
	var raw []json.RawMessage
	if json.Unmarshal(body, &raw) != nil || r.Header.Get("MCP-Protocol-Version") > "2025-03-26" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var calls []call
	for _, one := range raw {
		var m call
		if !m.parse(s, one) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		calls = append(calls, m)
	}
	s.answer(w, r, calls, true)
}

// call is a JSON-RPC request. Names are compared exactly, and of two equal ones the last counts.
type call struct {
	id     json.RawMessage
	method string
	params map[string]json.RawMessage
	body   []byte
}

func (m *call) parse(s *reference, body []byte) bool {
	members, ok := exact(body)
	if !ok {
		return false
	}
	m.id, m.method, m.body = members["id"], text(members["method"]), body
	m.params, _ = exact(members["params"])
	return m.method != ""
}

// exact parses a JSON object; encoding/json keeps the keys of a map as they are.
func exact(raw []byte) (map[string]json.RawMessage, bool) {
	var members map[string]json.RawMessage
	return members, json.Unmarshal(raw, &members) == nil
}

func (m call) name() string { return text(m.params["name"]) }

func (m call) version() string {
	meta, _ := exact(m.params["_meta"])
	return text(meta["io.modelcontextprotocol/protocolVersion"])
}

// toolScopes are what the tools need.
var toolScopes = map[string][]string{"whoami": {"org:read", "profile:read"}}

func (s *reference) answer(w http.ResponseWriter, r *http.Request, calls []call, batch bool) {
	caller, _ := r.Context().Value(callerKey{}).(*identity)
	var replies []string
	for _, m := range calls {
		if missing := s.missing(r, m, caller, batch); missing != nil {
			if s.is("scope-tool-error") {
				replies = append(replies, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"isError":true,"content":[]}}`, m.id))
				continue
			}
			s.refuse(w, r, http.StatusForbidden, "insufficient_scope", missing)
			return
		}
		replies = append(replies, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, m.id, s.result(m, caller)))
	}
	if s.is("cache-control") {
		w.Header().Set("Cache-Control", "public, max-age=60")
	}
	if batch {
		s.write(w, http.StatusOK, "["+strings.Join(replies, ",")+"]")
		return
	}
	s.write(w, http.StatusOK, replies[0])
}

// missing returns the scopes that a call needs when the caller lacks one.
func (s *reference) missing(r *http.Request, m call, caller *identity, batch bool) []string {
	method, name := m.method, m.name()
	switch {
	case s.is("scope-unchecked"):
		return nil
	case s.is("scope-batch") && batch:
		return nil
	case s.is("scope-header") && r.Header.Get("Mcp-Name") != "":
		name = r.Header.Get("Mcp-Name")
	case s.is("scope-case"):
		var loose struct {
			Method string
			Params struct{ Name string }
		}
		_ = json.Unmarshal(m.body, &loose)
		method, name = loose.Method, loose.Params.Name
	}
	if method != "tools/call" {
		return nil
	}
	needed := toolScopes[name]
	granted := func(scope string) bool {
		return slices.ContainsFunc(caller.scopes, func(have string) bool {
			return have == scope || s.is("scope-prefix") && strings.HasPrefix(have, scope) || s.is("scope-fold") && strings.EqualFold(have, scope)
		})
	}
	for _, scope := range needed {
		if !granted(scope) && !(s.is("scope-any") && slices.ContainsFunc(needed, granted)) {
			return needed
		}
	}
	return nil
}

func (s *reference) result(m call, caller *identity) string {
	switch m.method {
	case "initialize":
		return fmt.Sprintf(`"result":{"protocolVersion":%s,"capabilities":{},"serverInfo":{"name":"reference","version":"1"}}`, m.params["protocolVersion"])
	case "server/discover":
		return `"result":{"supportedVersions":["2026-07-28"],"capabilities":{}}`
	case "tools/list":
		cache := `"cacheScope":"private","ttlMs":60000`
		switch {
		case s.is("cache-scope"):
			cache = `"cacheScope":"public","ttlMs":0`
		case s.is("cache-scope-missing"):
			cache = `"ttlMs":60000`
		}
		return `"result":{` + cache + `,"tools":[{"name":"greet","inputSchema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}},{"name":"whoami","inputSchema":{"type":"object"}}]}`
	case "tools/call":
		return s.callTool(m, caller)
	}
	return `"error":{"code":-32601,"message":"method not found"}`
}

func (s *reference) callTool(m call, caller *identity) string {
	arguments, _ := exact(m.params["arguments"])
	content := func(text string) string {
		encoded, _ := json.Marshal([]map[string]string{{"type": "text", "text": text}})
		return `"result":{"content":` + string(encoded) + `}`
	}
	switch {
	case m.name() == "greet" && arguments["name"] != nil:
		return content("Hello, " + text(arguments["name"]))
	case m.name() == "whoami":
		if s.is("caller-stale") {
			caller = s.remember(caller)
		}
		if s.is("caller-client-stale") {
			caller = &identity{caller.subject, s.remember(caller).client, caller.organization, caller.scopes}
		}
		return content(fmt.Sprintf("%s %s %s %s", caller.subject, caller.client, caller.organization, strings.Join(caller.scopes, " ")))
	}
	return `"error":{"code":-32602,"message":"unknown tool or invalid arguments"}`
}

func (s *reference) remember(caller *identity) *identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		s.first = caller
	}
	return s.first
}
