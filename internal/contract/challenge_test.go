package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestChallenges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []string
		want   string
	}{
		{nil, "[]"},
		{[]string{`Bearer`}, "[{Bearer map[]}]"},
		{[]string{`Bearer realm="OAuth", resource_metadata="https://a/b"`}, "[{Bearer map[realm:OAuth resource_metadata:https://a/b]}]"},
		{[]string{`bearer Realm=x,error=y`}, "[{bearer map[error:y realm:x]}]"},
		{[]string{`Bearer scope="a, b", error="c\"d"`}, `[{Bearer map[error:c"d scope:a, b]}]`},
		{[]string{`Basic realm="a", Bearer realm="b"`}, "[{Basic map[realm:a]} {Bearer map[realm:b]}]"},
		{[]string{`Basic realm="a"`, `Bearer error="b"`}, "[{Basic map[realm:a]} {Bearer map[error:b]}]"},
		{[]string{`Bearer realm = "a" , , error="b"`}, "[{Bearer map[error:b realm:a]}]"},
		{[]string{`Bearer realm="unterminated`}, "[{Bearer map[]} {realm map[]}]"},
		{[]string{`Bearer realm=""`}, "[{Bearer map[realm:]}]"},
		{[]string{`"odd"`}, "[]"},
	} {
		if got := fmt.Sprint(challenges(c.values)); got != c.want {
			t.Errorf("%q: got %s, want %s", c.values, got, c.want)
		}
	}
}

func FuzzChallenges(f *testing.F) {
	f.Add(`Bearer realm="OAuth", error="invalid_token"`)
	f.Add(`Bearer a=b,,"\`)
	f.Fuzz(func(_ *testing.T, value string) { challenges([]string{value}) })
}

func TestCurlRepeatsTheRequestWithoutItsToken(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3IifQ.c2ln"
	r := request{method: "POST", url: "http://127.0.0.1:1/mcp", body: []byte(`{"it's":"$HOME"}`), note: "why"}
	r = r.bearer(token).with(field{"X", "a\x00b"})
	want := `curl -si -X POST -H "Authorization: Bearer $TOKEN" -H 'X: a�b' --data-binary '{"it'\''s":"$HOME"}' 'http://127.0.0.1:1/mcp'  # why`
	if got := r.curl(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r = request{method: "GET", url: "http://127.0.0.1:1/?access_token=" + token + "&a=$b`c"}.hiding(token)
	if got, want := r.curl(), "curl -si \"http://127.0.0.1:1/?access_token=$TOKEN&a=\\$b\\`c\""; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnswerIsShownWithoutItsToken(t *testing.T) {
	t.Parallel()
	e := exchange{
		request: request{}.bearer("t0k3n"),
		status:  401,
		header:  http.Header{"Www-Authenticate": {`Bearer error="t0k3n"`}},
		body:    []byte("a\n b t0k3n " + strings.Repeat("x", 400)),
	}
	got := e.String()
	if strings.Contains(got, "t0k3n") || !strings.HasPrefix(got, `401 Unauthorized; Www-Authenticate: Bearer error="$TOKEN"; a b $TOKEN xxx`) || !strings.HasSuffix(got, "…") {
		t.Errorf("got %s", got)
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	const one = `{"jsonrpc":"2.0","id":1,"result":{}}`
	for _, c := range []struct {
		kind, body string
		want       int
		fails      bool
	}{
		{"application/json", one, 1, false},
		{"application/json", " [" + one + "," + one + "]", 2, false},
		{"application/json", `{"jsonrpc":"2.0","method":"ping"}`, 0, false},
		{"application/json", "<html>", 0, true},
		{"text/event-stream", "event: message\ndata: " + one + "\n\n", 1, false},
		{"text/event-stream; charset=utf-8", "data: \n\ndata:{\"jsonrpc\":\"2.0\",\r\ndata:\"id\":1,\"result\":{}}\r\n\r\nid: 7\n\ndata: " + one + "\n\n", 2, false},
		{"text/event-stream", "data: nonsense\n\n", 0, true},
	} {
		e := exchange{status: 200, header: http.Header{"Content-Type": {c.kind}}, body: []byte(c.body)}
		got, err := e.replies()
		if len(got) != c.want || (err != nil) != c.fails {
			t.Errorf("%q: %d replies, %v", c.body, len(got), err)
		}
	}
}

func TestExampleArguments(t *testing.T) {
	t.Parallel()
	schema := `{"required":["a","b","c","d","e","f","g"],"properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"boolean"},
		"d":{"type":"array"},"e":{"type":"object"},"f":{"enum":["x","y"]},"g":{"type":["null","string"]},"h":{"type":"string"}}}`
	if got, want := fmt.Sprint(exampleArguments([]byte(schema))), "map[a:mcpauth b:1 c:true d:[] e:map[] f:x g:mcpauth]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := exampleArguments([]byte("null")); got == nil || len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestLookalikesNeverGrantEverything(t *testing.T) {
	t.Parallel()
	for _, needed := range [][]string{{"notes:write"}, {"A"}, {"a:b", "c:d"}} {
		for _, scope := range lookalikes(needed) {
			if hasAll(scope, needed) {
				t.Errorf("%q grants %q", scope, needed)
			}
		}
	}
}

func TestForEachDoesEverythingOnce(t *testing.T) {
	t.Parallel()
	seen := make([]int, 100)
	forEach(len(seen), 7, func(i int) { seen[i]++ })
	if slices.Contains(seen, 0) || slices.Contains(seen, 2) {
		t.Errorf("done %v times", seen)
	}
	defer func() {
		if reason := recover(); reason == nil {
			t.Error("a panic was lost")
		}
	}()
	forEach(3, 2, func(int) { panic("oops") })
}
