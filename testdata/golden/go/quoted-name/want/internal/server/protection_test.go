package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestC04C05C06Challenges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	good := "Authorization: Bearer " + s.Mint(nil)
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete, http.MethodOptions} {
		for _, test := range []struct {
			name   string
			query  string
			header []string
			status int
			code   string
		}{
			{"no token", "", nil, 401, ""},
			{"another scheme", "", []string{"Authorization: Basic dXNyOnB3ZA=="}, 401, ""},
			{"a token in the query", "?access_token=" + s.Mint(nil), nil, 401, ""},
			{"an expired token", "", []string{"Authorization: Bearer " + s.Mint(object{"exp": 1})}, 401, "invalid_token"},
			{"two headers", "", []string{good, good}, 400, "invalid_request"},
		} {
			a := s.do(t, method, "/mcp"+test.query, callTool("read"), test.header...)
			params := a.params()
			if a.status != test.status || params["error"] != test.code || params["realm"] != "OAuth" || params["resource_metadata"] != s.origin+wellKnown+"/mcp" {
				t.Errorf("%s with %s: got %d, %v; want %d, %q", method, test.name, a.status, params, test.status, test.code)
			}
			if !json.Valid([]byte(a.body)) || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s with %s: the body is not JSON: %s", method, test.name, a.body)
			}
		}
	}
}

// The scopes of a tool hold for every form of call that the MCP layer understands.
func TestC11ToolScopes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	call := callTool("write")
	forms := map[string]struct{ message, version string }{
		"call":               {call, "2025-11-25"},
		"batch":              {"[" + call + "]", ""},
		"batch, denied last": {"[" + strings.Replace(callTool("read"), `"id":1`, `"id":2`, 1) + "," + call + "]", ""},
		"batch, denied first": {
			"[" + call + "," + strings.Replace(callTool("read"), `"id":1`, `"id":2`, 1) + "]", "2025-03-26"},
		"METHOD":           {strings.Replace(call, `"params"`, `"METHOD":"tools/list","params"`, 1), ""},
		"NAME":             {strings.Replace(call, `"arguments"`, `"NAME":"read","arguments"`, 1), ""},
		"PARAMS":           {strings.Replace(call, `"params"`, `"PARAMS":{"name":"read"},"params"`, 1), ""},
		"escaped name":     {callTool(`wr\u0069te`), ""},
		"another revision": {modern("tools/call", `"name":"write","arguments":{}`), "2026-07-28"},
	}
	for _, token := range []string{s.Mint(nil), s.Mint(object{"scope": "notes:read"}), s.Mint(object{"scope": "notes:writer notes"})} {
		for name, form := range forms {
			a := s.mcp(t, token, form.message, versionHeaders(form.version, "tools/call", "write")...)
			p := a.params()
			if a.status != 403 || p["error"] != "insufficient_scope" || p["scope"] != "notes:read notes:write" ||
				p["resource_metadata"] != s.origin+wellKnown+"/mcp" || strings.Contains(a.body, "jsonrpc") {
				t.Errorf("%s: got %d, %v, %s", name, a.status, p, a.body)
			}
		}
	}
	if n := s.ran.Load(); n != 0 {
		t.Fatalf("the tool ran %d times without its scopes", n)
	}
	for name, form := range forms {
		token := s.Mint(object{"scope": "notes:write", "scopes": []string{"notes:read"}})
		before := s.ran.Load()
		if a := s.mcp(t, token, form.message, versionHeaders(form.version, "tools/call", "write")...); a.status != 200 || s.ran.Load() != before+1 {
			t.Errorf("%s with the scopes: got %d, %s; ran %d times", name, a.status, a.body, s.ran.Load()-before)
		}
	}
}

func TestC11OtherForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	call, erase := callTool("write"), strings.Replace(callTool("erase"), `"id":1`, `"id":2`, 1)
	for _, test := range []struct {
		name, message string
		status        int
		scope         string
	}{
		{"two tools denied", "[" + call + "," + erase + "]", 403, "notes:read notes:write notes:erase"},
		{"notification", strings.Replace(call, `"id":1,`, "", 1), 400, ""},
		{"name only in capitals", strings.Replace(call, `"name"`, `"NAME"`, 1), 200, ""}, // an unknown tool, "": a JSON-RPC error
		{"params only in capitals", strings.Replace(call, `"params"`, `"PARAMS"`, 1), 400, ""},
	} {
		a := s.mcp(t, s.Mint(nil), test.message)
		got := strings.Fields(a.params()["scope"])
		if a.status != test.status || len(got) != len(strings.Fields(test.scope)) {
			t.Errorf("%s: got %d, %v, %s", test.name, a.status, got, a.body)
		}
		for _, scope := range got {
			if !strings.Contains(test.scope, scope) {
				t.Errorf("%s: got the scope %s, want one of %s", test.name, scope, test.scope)
			}
		}
	}
	if n := s.ran.Load(); n != 0 {
		t.Errorf("the tool ran %d times without its scopes", n)
	}
}

// Each call sees the caller of its own token, whoever else is calling.
func TestC12CallersInterleaved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var callers sync.WaitGroup
	for i := range 8 {
		subject, scope := fmt.Sprintf("usr_%d", i), fmt.Sprintf("scope:%d", i)
		token := s.Mint(object{"sub": subject, "scope": scope, "client_id": "skc_" + scope, "oid": "org_" + scope})
		callers.Go(func() {
			for range 10 {
				a := s.mcp(t, token, callTool("caller"))
				var got struct {
					Result struct {
						StructuredContent struct {
							Subject, ClientID, Organization string
							Scopes                          []string
						}
					}
				}
				json.Unmarshal([]byte(a.body), &got)
				want := fmt.Sprintf("{%s skc_%s org_%s [%s]}", subject, scope, scope, scope)
				if seen := fmt.Sprint(got.Result.StructuredContent); seen != want {
					t.Errorf("got %s, want %s", seen, want)
				}
			}
		})
	}
	callers.Wait()
}

func TestC18NothingSecretInTheLog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tokens := []string{s.Mint(object{"scope": "notes:read notes:write"}), s.Mint(nil), s.Mint(object{"exp": 1}), s.Mint(object{"aud": "x"}), "garbage-garbage-garbage"}
	for _, token := range tokens {
		for _, message := range []string{callTool("write"), callTool("missing-body-text"), `{"body-text`, "[]", `{"jsonrpc":"2.0","id":1,"method":"body-text"}`} {
			s.mcp(t, token, message)
			s.mcp(t, token, message, versionHeaders("2026-07-28", "tools/call", "write")...)
			s.do(t, http.MethodPost, "/mcp?access_token="+token, message, "Authorization: Basic "+token)
		}
	}
	s.do(t, http.MethodPost, "/mcp", "", "Origin: https://evil.example")
	s.do(t, http.MethodPost, "/mcp", "", "Host: evil.example")
	log := s.log.String()
	for _, reason := range []string{"no bearer token", "expired", "foreign audience", "malformed", "origin not allowed", "host not allowed", "insufficient_scope: needs notes:read notes:write"} {
		if !strings.Contains(log, reason) {
			t.Errorf("the log does not say %q", reason)
		}
	}
	for _, token := range tokens {
		for _, part := range strings.Split(token, ".") {
			if strings.Contains(log, part) && !strings.HasPrefix(part, "eyJhbGciOi") {
				t.Errorf("the log holds a part of a token: %s", part)
			}
		}
	}
	if strings.Contains(log, "body-text") {
		t.Errorf("the log holds a part of a request body:\n%s", log)
	}
	if !strings.Contains(log, `"subject":"usr_1"`) || !strings.Contains(log, `"status":403`) {
		t.Errorf("the log names no subject or no outcome:\n%s", log)
	}
}
