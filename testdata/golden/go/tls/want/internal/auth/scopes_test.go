package auth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func callOf(tool string, extra *mcp.RequestExtra) mcp.Request {
	return &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{Name: tool}, Extra: extra}
}

func by(caller *Caller) *mcp.RequestExtra {
	return &mcp.RequestExtra{TokenInfo: &sdk.TokenInfo{Extra: object{"caller": caller}}}
}

func TestC11ToolScopes(t *testing.T) {
	t.Parallel()
	needs := ToolScopes{"write": {"a", "b"}}
	for _, test := range []struct {
		name   string
		req    mcp.Request
		denied []string // scopes recorded; nil if the request passes
		passes bool
	}{
		{"all scopes", callOf("write", by(&Caller{Scopes: []string{"b", "c", "a"}})), nil, true},
		{"some scopes", callOf("write", by(&Caller{Scopes: []string{"a"}})), []string{"a", "b"}, false},
		{"a longer scope", callOf("write", by(&Caller{Scopes: []string{"a", "bb"}})), []string{"a", "b"}, false},
		{"no scopes", callOf("write", by(&Caller{})), []string{"a", "b"}, false},
		{"a tool without scopes", callOf("read", by(&Caller{})), nil, true},
		{"no caller", callOf("read", by(nil)), nil, false},
		{"no token", callOf("read", &mcp.RequestExtra{}), nil, false},
		{"not by HTTP", callOf("read", nil), nil, false},
		{"another method", &mcp.ListToolsRequest{Params: &mcp.ListToolsParams{}}, nil, true},
	} {
		passed := false
		handler := RequireScopes(needs)(func(context.Context, string, mcp.Request) (mcp.Result, error) {
			passed = true
			return nil, nil
		})
		ex := &exchange{}
		d := &ex.denial
		_, err := handler(context.WithValue(t.Context(), exchangeKey{}, ex), "", test.req)
		var coded *jsonrpc.Error
		if passed != test.passes || errors.As(err, &coded) == test.passes || !reflect.DeepEqual(d.needed(), test.denied) {
			t.Errorf("%s: passed %v, error %v, denied %v; want %v, %v", test.name, passed, err, d.needed(), test.passes, test.denied)
		}
	}
}

// TestC11DenialInASession wants the request to be denied that made the call, not the one that the session's context is of.
func TestC11DenialInASession(t *testing.T) {
	t.Parallel()
	opened, made := &exchange{}, &exchange{}
	extra := by(&Caller{})
	extra.TokenInfo.Extra["exchange"] = made
	handler := RequireScopes(ToolScopes{"write": {"a"}})(nil)
	if _, err := handler(context.WithValue(t.Context(), exchangeKey{}, opened), "", callOf("write", extra)); err == nil {
		t.Error("no error")
	}
	if opened.denial.needed() != nil || made.denial.needed() == nil {
		t.Errorf("denied %v and %v, want the second", opened.denial.needed(), made.denial.needed())
	}
}

func TestC12CallerOfTheRequest(t *testing.T) {
	t.Parallel()
	caller := &Caller{Subject: "usr_1"}
	if got := CallerOf(callOf("read", by(caller))); got != caller {
		t.Errorf("got %v, want %v", got, caller)
	}
	for _, extra := range []*mcp.RequestExtra{nil, {}, by(nil), {TokenInfo: &sdk.TokenInfo{UserID: "usr_1"}}} {
		if got := CallerOf(callOf("read", extra)); got != nil {
			t.Errorf("%+v: got %v, want nil", extra, got)
		}
	}
}

func TestC11DenialTakesTheAnswersPlace(t *testing.T) {
	t.Parallel()
	const challenge = `Bearer realm="OAuth", error="insufficient_scope", ` +
		`error_description="The access token lacks a scope that this tool needs", scope="a b", resource_metadata="` + metadataURL + `"`
	for name, answer := range map[string]func(http.ResponseWriter){
		"header and body": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "6")
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, "answer")
		},
		"body alone":   func(w http.ResponseWriter) { io.WriteString(w, "answer") },
		"header twice": func(w http.ResponseWriter) { w.WriteHeader(202); w.WriteHeader(500); io.WriteString(w, "answer") },
		"flush first": func(w http.ResponseWriter) {
			w.(http.Flusher).Flush()
			io.WriteString(w, "answer")
		},
	} {
		for _, scopes := range [][]string{nil, {"a", "b"}} {
			rec := httptest.NewRecorder()
			w := &responseWriter{ResponseWriter: rec, guard: NewGuard(nil, metadataURL, nil), denial: &denial{}}
			w.denial.record(scopes)
			answer(w)
			w.denial.record([]string{"c"}) // too late
			body := rec.Body.String()
			switch {
			case scopes == nil && (body != "answer" || w.status != rec.Code || rec.Code >= 300):
				t.Errorf("%s: got %d (%d noted), %s", name, rec.Code, w.status, body)
			case scopes != nil && (rec.Code != 403 || w.status != 403 || rec.Header().Get("WWW-Authenticate") != challenge ||
				body != `{"error":"insufficient_scope","error_description":"The access token lacks a scope that this tool needs"}`):
				t.Errorf("%s, denied: got %d, %v, %s", name, rec.Code, rec.Header(), body)
			case scopes != nil && rec.Header().Get("Content-Length") != "":
				t.Errorf("%s, denied: the length of the other answer is left", name)
			}
		}
	}
}
