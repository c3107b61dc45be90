package contract_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
)

func TestFailuresOfOneAnswerAreShownTogether(t *testing.T) {
	t.Parallel()
	same := func(expected string) contract.Failure {
		return contract.Failure{Request: "curl x", Expected: expected, Got: "404", Why: "why", Fix: "fix"}
	}
	other := contract.Failure{Expected: "e", Got: "500", Why: "why", Fix: "another fix"}
	result := contract.Result{ID: "C1", Title: "title", Ref: "RFC", Status: contract.Fail, Skipped: []string{"half"}, Failures: []contract.Failure{
		same("a"), same("b"), other, same("c"), same("d"), same("f"), same("g"),
	}}
	want := `C1  fail  title
      not checked: half
      request   curl x
      expected  a
      expected  b
      got       404
      expected  e
      got       500
      request   curl x
      expected  c
      expected  d
      got       404
      and 2 more
      why       why (RFC)
      fix       fix
      fix       another fix
`
	if got := result.Text(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestCurlLinesSayWhatWasSent holds what curl does with HEAD and with empty headers.
func TestCurlLinesSayWhatWasSent(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/health" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"status":"healthy"}`))
			return
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(server.Close)
	target := contract.Target{Site: contract.Site{URL: server.URL + "/mcp"}, Limits: limits}
	text := contract.RunChecks(t.Context(), target, only("C3", "C4"), nil).Text()
	for _, line := range []string{
		"request   curl -sI '" + server.URL + "/health'\n",
		"request   curl -si '" + server.URL + "/mcp'\n",
		"-H 'Authorization;' --data-binary '{",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
}
