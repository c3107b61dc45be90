package authserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// control sends a control request and decodes the answer into out. An empty body means GET.
func control(t *testing.T, server *authserver.Server, path, body string, out any) int {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	request := httptest.NewRequest(method, "http://127.0.0.1/dev/"+path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	if err := json.NewDecoder(recorder.Body).Decode(out); err != nil {
		t.Fatalf("%s %s: status %d, %v", path, body, recorder.Code, err)
	}
	if recorder.Header().Get("Cache-Control") != "no-store" || recorder.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%s: headers are %v", path, recorder.Header())
	}
	return recorder.Code
}

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	Claims      map[string]any
}

func idle(t *testing.T) *authserver.Server {
	t.Helper()
	return authserver.New(authserver.Options{
		Environment: "http://localhost:3003", ServerURL: serverURL, Scopes: []string{"todo:read", "todo:write"},
	})
}

func TestControlMintsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	server := idle(t)
	for body, want := range map[string]map[string]any{
		`{}`:                               {"iss": "http://localhost:3003", "sub": authserver.DefaultSubject, "scope": "todo:read todo:write", "scopes": "[todo:read todo:write]"},
		`{"scope":"a b"}`:                  {"scope": "a b", "scopes": nil},
		`{"scope":""}`:                     {"scope": "", "scopes": nil},
		`{"scopes":["a"]}`:                 {"scope": nil, "scopes": "[a]"},
		`{"scope":"a","scopes":["b"]}`:     {"scope": "a", "scopes": "[b]"},
		`{"audience":["x","y"]}`:           {"aud": "[x y]"},
		`{"subject":"usr_1"}`:              {"sub": "usr_1"},
		`{"issuer_form":"resource"}`:       {"iss": server.Issuer()},
		`{"issuer_form":"env","scope":""}`: {"iss": server.Environment()},
		`{"claims":{}}`:                    {"iss": "http://localhost:3003", "scope": nil, "scopes": nil},
		`{"claims":{"sub":null,"a":[1]}}`:  {"sub": nil, "a": "[1]", "scope": nil},
	} {
		var answer tokenAnswer
		if status := control(t, server, "token", body, &answer); status != http.StatusOK {
			t.Fatalf("%s: status %d", body, status)
		}
		minted := payload(t, answer.AccessToken)
		for name, value := range want {
			if fmt.Sprint(minted[name]) != fmt.Sprint(value) || fmt.Sprint(answer.Claims[name]) != fmt.Sprint(value) {
				t.Errorf("%s: %s is %v, shown as %v; want %v", body, name, minted[name], answer.Claims[name], value)
			}
		}
	}
}

func TestControlTokenLifetime(t *testing.T) {
	t.Parallel()
	server := idle(t)
	for body, want := range map[string]int{`{}`: 3600, `{"expires_in":90}`: 90} {
		var answer tokenAnswer
		control(t, server, "token", body, &answer)
		lifetime := int(answer.Claims["exp"].(float64) - answer.Claims["iat"].(float64))
		if lifetime < want-1 || lifetime > want+1 || answer.ExpiresIn > want || answer.ExpiresIn < want-60 {
			t.Errorf("%s: lives %d s, said to %d; want %d", body, lifetime, answer.ExpiresIn, want)
		}
	}
}

func TestControlForgesEveryKind(t *testing.T) {
	t.Parallel()
	server := idle(t)
	var kinds []struct{ Kind, Why string }
	control(t, server, "bad", "", &kinds)
	if len(kinds) != len(server.BadKinds()) {
		t.Fatalf("%d kinds listed, there are %d", len(kinds), len(server.BadKinds()))
	}
	for _, kind := range kinds {
		var answer tokenAnswer
		status := control(t, server, "token", `{"bad":"`+kind.Kind+`"}`, &answer)
		if status != http.StatusOK || answer.AccessToken == "" || kind.Why == "" {
			t.Errorf("%s: status %d, token %q", kind.Kind, status, answer.AccessToken)
		}
		if noObject := slices.Contains([]string{"payload-array", "payload-null", "payload-not-utf8", "opaque"}, kind.Kind); noObject && answer.Claims != nil {
			t.Errorf("%s: claims are %v", kind.Kind, answer.Claims)
		}
		if kind.Kind == "expired" && (answer.ExpiresIn >= 0 || answer.Claims["sub"] == nil) {
			t.Errorf("expired in %d, claims %v", answer.ExpiresIn, answer.Claims)
		}
	}
}

func TestControlRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	server := idle(t)
	for _, tc := range []struct{ path, body string }{
		{"token", `{"bad":"fine"}`}, {"token", `{"bad":"expired","scope":""}`}, {"token", `{"bad":"expired","subject":"x"}`},
		{"token", `{"claims":{},"scope":"a"}`}, {"token", `{"claims":{},"bad":"expired"}`}, {"token", `{"claims":[]}`},
		{"token", `{"expires_in":-1}`}, {"token", `{"expires_in":99999999999}`}, {"token", `{"expires_in":"1h"}`},
		{"token", `{"issuer_form":"other"}`}, {"token", `{"colour":"red"}`}, {"token", `{} {}`}, {"token", `[]`}, {"token", `x`},
		{"token", `{"subject":"` + strings.Repeat("x", 65<<10) + `"}`},
		{"keys", `{}`}, {"keys", `{"rotate":true,"withdraw":"x"}`}, {"keys", `{"withdraw":"snk_1"}`},
		{"faults", `{"slow":"fast"}`}, {"faults", `{"slow":"-1s"}`}, {"faults", `{"slow":"2h"}`}, {"faults", `{"flood":true}`},
		{"issuer", `{}`}, {"issuer", `{"form":"x"}`},
	} {
		var answer map[string]string
		status := control(t, server, tc.path, tc.body, &answer)
		if status != http.StatusBadRequest || answer["error"] != "invalid_request" || answer["error_description"] == "" {
			t.Errorf("%s %.60s: status %d, %v", tc.path, tc.body, status, answer)
		}
	}
}

func TestControlIsNotForWebPages(t *testing.T) {
	t.Parallel()
	server := idle(t)
	before := server.KeyID()
	for name, tc := range map[string]struct {
		header http.Header
		host   string
		status int
	}{
		"origin":             {http.Header{"Origin": {"http://localhost:3003"}, "Content-Type": {"application/json"}}, "localhost", http.StatusForbidden},
		"empty origin":       {http.Header{"Origin": {""}, "Content-Type": {"application/json"}}, "localhost", http.StatusForbidden},
		"same origin":        {http.Header{"Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/json"}}, "localhost", http.StatusForbidden},
		"form":               {http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "localhost", http.StatusUnsupportedMediaType},
		"text":               {http.Header{"Content-Type": {"text/plain"}}, "localhost", http.StatusUnsupportedMediaType},
		"none":               {http.Header{}, "localhost", http.StatusUnsupportedMediaType},
		"rebound name":       {http.Header{"Content-Type": {"application/json"}}, "evil.example", http.StatusForbidden},
		"preflight":          {http.Header{"Origin": {"http://x.example"}}, "localhost", http.StatusMethodNotAllowed},
		"a script or a tool": {http.Header{"Content-Type": {"application/json; charset=utf-8"}}, "localhost", http.StatusOK},
	} {
		method := http.MethodPost
		if name == "preflight" {
			method = http.MethodOptions
		}
		request := httptest.NewRequest(method, "/dev/keys", strings.NewReader(`{"rotate":true}`))
		request.Header, request.Host = tc.header, tc.host
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, request)
		if recorder.Code != tc.status {
			t.Errorf("%s: status %d, want %d", name, recorder.Code, tc.status)
		}
		if rotated := server.KeyID() != before; rotated != (tc.status == http.StatusOK) {
			t.Errorf("%s: rotated is %v", name, rotated)
		}
		before = server.KeyID()
	}
	request := httptest.NewRequest(http.MethodGet, "http://localhost/dev/requests", nil)
	request.Header.Set("Sec-Fetch-Site", "none")
	recorder := httptest.NewRecorder()
	if server.ServeHTTP(recorder, request); recorder.Code != http.StatusForbidden {
		t.Errorf("GET by a browser: status %d", recorder.Code)
	}
}

func TestControlOfKeys(t *testing.T) {
	t.Parallel()
	server := idle(t)
	old := server.KeyID()
	var state struct {
		Signing   string
		Published []string
	}
	control(t, server, "keys", `{"rotate":true}`, &state)
	if state.Signing == old || fmt.Sprint(state.Published) != fmt.Sprint([]string{state.Signing, old}) {
		t.Errorf("after rotating from %s: %+v", old, state)
	}
	control(t, server, "keys", `{"withdraw":"`+old+`"}`, &state)
	control(t, server, "keys", "", &state)
	if fmt.Sprint(state.Published) != "["+server.KeyID()+"]" {
		t.Errorf("after withdrawing: %+v", state)
	}
}

func TestControlOfFaults(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	type faults struct {
		Outage, Hang, Bloat bool
		Slow                string
	}
	var state faults
	control(t, server, "faults", `{"outage":true,"slow":"10ms"}`, &state)
	if want := (faults{Outage: true, Slow: "10ms"}); state != want {
		t.Errorf("state is %+v", state)
	}
	response, err := http.Get(server.Environment() + "/keys")
	if err != nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("during an outage: %v, %v", response, err)
	}
	response.Body.Close()
	control(t, server, "faults", `{"outage":false,"hang":true,"bloat":true}`, &state)
	control(t, server, "faults", "", &state)
	if want := (faults{Hang: true, Bloat: true, Slow: "10ms"}); state != want {
		t.Errorf("state is %+v", state)
	}
	control(t, server, "faults", `{"hang":false,"bloat":false,"slow":"0s"}`, &state)
	if want := (faults{Slow: "0s"}); state != want {
		t.Errorf("state is %+v", state)
	}
	fetchKeys(t, server)
}

func TestControlOfTheIssuer(t *testing.T) {
	t.Parallel()
	server := idle(t)
	var state struct{ Form, Issuer string }
	control(t, server, "issuer", "", &state)
	if state.Form != "env" || state.Issuer != server.Environment() {
		t.Errorf("state is %+v", state)
	}
	control(t, server, "issuer", `{"form":"resource"}`, &state)
	if state.Form != "resource" || payload(t, mint(t, server, nil))["iss"] != state.Issuer || state.Issuer != server.Issuer() {
		t.Errorf("state is %+v", state)
	}
}

func TestControlShowsTheRequestsWithoutItsOwn(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	began := time.Now()
	fetchKeys(t, server)
	var log []map[string]any
	control(t, server, "requests", "", &log)
	control(t, server, "requests", "", &log)
	if len(log) != 1 || log[0]["path"] != "/keys" || log[0]["status"] != 200.0 || log[0]["method"] != "GET" || log[0]["token"] != false {
		t.Fatalf("log is %v", log)
	}
	text, _ := log[0]["time"].(string)
	if at, err := time.Parse(time.RFC3339Nano, text); err != nil || at.Before(began.Add(-time.Second)) {
		t.Errorf("time is %q, %v", text, err)
	}
}
