package contract_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
)

func expectStatus(t *testing.T, report contract.Report, want contract.Status, except ...string) {
	t.Helper()
	for _, result := range report.Results {
		if result.Status != want && !slices.Contains(except, result.ID) {
			t.Errorf("want %s: %s", want, result.Text())
		}
	}
}

func TestReferencePassesEveryCheck(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/mcp", "/", "/a/b/mcp"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var order []string
			target := newTarget(t, "", path)
			report := contract.Run(t.Context(), target, func(r contract.Result) { order = append(order, r.ID) })
			expectStatus(t, report, contract.Pass)
			var want []string
			for i := range 20 {
				want = append(want, fmt.Sprintf("C%d", i+1))
			}
			if !slices.Equal(order, want) {
				t.Errorf("reported in the order %v", order)
			}
			if len(report.Results) != 20 || report.Count(contract.Pass) != 20 || !report.Kept() || report.Requests < 500 {
				t.Errorf("%s, kept is %v, %d requests", report.Summary(), report.Kept(), report.Requests)
			}
		})
	}
}

func TestToolsAreFoundWithoutBeingNamed(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "", "/mcp")
	target.PublicTool, target.ScopedTool = nil, nil
	expectStatus(t, contract.RunChecks(t.Context(), target, only("C10", "C11", "C12", "C15", "C19"), nil), contract.Pass)
}

func only(ids ...string) []contract.Check {
	return slices.DeleteFunc(contract.Checks(), func(c contract.Check) bool { return !slices.Contains(ids, c.ID) })
}

func TestWithoutCopiesTheKeysOfTheOnlyServerAreUsed(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "", "/mcp")
	target.NewSite, target.Process, target.Metadata = nil, nil, nil
	report := contract.Run(t.Context(), target, nil)
	expectStatus(t, report, contract.Pass, "C8", "C9", "C17", "C18")
	for _, result := range report.Results {
		switch result.ID {
		case "C8", "C9", "C17", "C18":
			if result.Status != contract.Skip || len(result.Skipped) != 1 || !strings.Contains(result.Skipped[0], "can be started and stopped") {
				t.Errorf("%s", result.Text())
			}
		}
	}
}

func TestWithoutCopiesFailuresAreStillFound(t *testing.T) {
	t.Parallel()
	for broken, id := range map[string]string{"keys-merged": "C8", "no-floor": "C8", "outage-forgets": "C9", "limit-body": "C17"} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			target := newTarget(t, broken, "/mcp")
			target.NewSite = nil
			expectStatus(t, contract.RunChecks(t.Context(), target, only(id), nil), contract.Fail)
		})
	}
}

func TestServerWithARealIssuerIsAskedLittle(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "", "/mcp")
	token, err := target.Issuer.Mint(nil)
	if err != nil {
		t.Fatal(err)
	}
	target.Issuer, target.NewSite, target.Process, target.Token = nil, nil, nil, token
	report := contract.Run(t.Context(), target, nil)
	if report.Requests > 50 {
		t.Errorf("%d requests", report.Requests)
	}
	cannot := []string{"C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "C13", "C15", "C17", "C18"}
	expectStatus(t, report, contract.Pass, cannot...)
	for _, result := range report.Results {
		if slices.Contains(cannot, result.ID) && result.Status != contract.Skip {
			t.Errorf("%s", result.Text())
		}
	}
}

func TestWithoutATokenNothingThatNeedsOnePasses(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "", "/mcp")
	target.Issuer, target.NewSite, target.Process = nil, nil, nil
	report := contract.Run(t.Context(), target, nil)
	expectStatus(t, report, contract.Skip, "C1", "C2", "C3", "C4", "C14", "C16")
}

func TestBudgetEndsInSkipsAndNotInPasses(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "", "/mcp")
	target.NewSite, target.MaxRequests = nil, 30
	report := contract.RunChecks(t.Context(), target, only("C1", "C14", "C19", "C20"), nil)
	for i, want := range []contract.Status{contract.Pass, contract.Skip, contract.Skip, contract.Skip} {
		if got := report.Results[i]; got.Status != want {
			t.Errorf("want %s: %s", want, got.Text())
		}
	}
}

func TestServerOutOfReachFailsEverything(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	target := contract.Target{Site: contract.Site{URL: gone.URL + "/mcp"}}
	report := contract.RunChecks(t.Context(), target, everything(), nil)
	expectStatus(t, report, contract.Fail)
	if !strings.Contains(report.Unreachable, "refused") || report.Requests > 2 {
		t.Errorf("%d requests, unreachable for %q", report.Requests, report.Unreachable)
	}
}

func TestServerThatIsNoMCPServerPassesNothing(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"empty": func(http.ResponseWriter, *http.Request) {},
		"echo": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.Copy(w, io.LimitReader(r.Body, 1000))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := httptest.NewServer(handler)
			t.Cleanup(other.Close)
			target := newTarget(t, "", "/mcp")
			target.URL, target.NewSite = other.URL+"/mcp", nil
			target.Limits.KeyWait = target.Limits.KeyFloor
			report := contract.Run(t.Context(), target, nil)
			for _, result := range report.Results {
				if result.Status == contract.Pass {
					t.Errorf("%s", result.Text())
				}
			}
		})
	}
}

func TestOptionsOfATargetChangeWhatIsExpected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, broken string
		change       func(*contract.Target)
		checks       []string
		want         contract.Status
	}{
		{"a refusal in the body", "scope-tool-error", func(t *contract.Target) { t.RefusalInBody = true }, []string{"C10", "C11"}, contract.Pass},
		{"a refusal in the body is still one", "scope-unchecked", func(t *contract.Target) { t.RefusalInBody = true }, []string{"C10", "C11"}, contract.Fail},
		{"an SDK without 2026-07-28", "revision-old-only", func(t *contract.Target) { t.Legacy = "its SDK is older" }, []string{"C19"}, contract.Skip},
		{"an SDK without the older revisions", "revision-new-only", func(t *contract.Target) { t.Legacy = "its SDK is older" }, []string{"C19"}, contract.Fail},
		{"a health endpoint of its own", "health-text", func(t *contract.Target) { t.OwnHealth = true }, []string{"C3"}, contract.Pass},
		{"baseline scopes that the challenge lacks", "", func(t *contract.Target) { t.BaselineScopes = []string{"base"} }, []string{"C4"}, contract.Fail},
		{"an origin that should be allowed", "", func(t *contract.Target) { t.AllowedOrigin = "https://app.example" }, []string{"C14", "C15"}, contract.Fail},
		{"other metadata", "", func(t *contract.Target) { t.Metadata = json.RawMessage(`{"resource":"x"}`) }, []string{"C1", "C2"}, contract.Fail},
		{"another scope than the tool asks for", "", func(t *contract.Target) { t.ScopedTool.Scopes = []string{"org:read"} }, []string{"C10", "C11"}, contract.Fail},
		{"a tool that shows no caller", "", func(t *contract.Target) { t.CallerTool = t.PublicTool }, []string{"C12"}, contract.Fail},
		{"a secret that is logged", "", func(t *contract.Target) { t.Secrets = []string{"listening"} }, []string{"C18"}, contract.Fail},
		{"a health endpoint of its own behind a token", "health-protected", func(t *contract.Target) { t.OwnHealth = true }, []string{"C3"}, contract.Fail},
		{"a program that stops abruptly", "stop-abrupt", embedded, []string{"C17"}, contract.Skip},
		{"a program that stops with another exit code", "stop-exit-code", embedded, []string{"C17"}, contract.Skip},
		{"a program with large headers", "large-header", embedded, []string{"C17"}, contract.Skip},
		{"a program that waits for headers", "slow-header", embedded, []string{"C17"}, contract.Skip},
		{"an endpoint with large bodies in a program", "limit-body", embedded, []string{"C17"}, contract.Fail},
		{"a program that logs text", "log-text", embedded, []string{"C18"}, contract.Pass},
		{"a program that logs tokens", "log-token", embedded, []string{"C18"}, contract.Fail},
		{"the id as audience", "good-aud-string", func(t *contract.Target) { t.Audience = t.Issuer.ResourceID() }, []string{"C7"}, contract.Fail},
	} {
		target := newTarget(t, c.broken, "/mcp")
		c.change(&target)
		for _, result := range contract.RunChecks(t.Context(), target, only(c.checks...), nil).Results {
			if result.Status != c.want {
				t.Errorf("%s: want %s: %s", c.name, c.want, result.Text())
			}
		}
	}
}

func embedded(t *contract.Target) { t.Embedded = true }

func TestFullCheckUsesUpAServerWithARealIssuer(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "limit-body", "/mcp")
	token, err := target.Issuer.Mint(nil)
	if err != nil {
		t.Fatal(err)
	}
	target.Issuer, target.NewSite, target.Process, target.Token = nil, nil, nil, token
	expectStatus(t, contract.RunChecks(t.Context(), target, only("C17"), nil), contract.Skip)
	target.Full = true
	expectStatus(t, contract.RunChecks(t.Context(), target, only("C17"), nil), contract.Fail)
}

func TestPanicAndTimeoutAreFailures(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "", "/mcp")
	bad := contract.Check{ID: "X1", Run: func(context.Context, *contract.Probe) { panic("oops") }}
	report := contract.RunChecks(t.Context(), target, []contract.Check{bad}, nil)
	expectStatus(t, report, contract.Fail)
	if got := report.Results[0].Failures[0].Got; !strings.Contains(got, "oops") {
		t.Errorf("got %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop := contract.Check{ID: "X2", Run: func(context.Context, *contract.Probe) { cancel() }}
	expectStatus(t, contract.RunChecks(ctx, target, []contract.Check{stop, stop}, nil), contract.Fail)
}

func TestNoTokenIsReported(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"leak-token", "log-token", "scope-unchecked", "token-signature", "credential-query"} {
		target := newTarget(t, broken, "/mcp")
		report := contract.RunChecks(t.Context(), target, only("C5", "C6", "C11", "C18"), nil)
		document, err := report.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if text := report.Text(); strings.Contains(text, ".eyJ") || strings.Contains(string(document), ".eyJ") {
			t.Errorf("%s: a token is in the report: %s", broken, text)
		}
		if strings.Contains(string(document), clientSecret) {
			t.Errorf("%s: the secret is in the report", broken)
		}
	}
}

func TestJSONHoldsEverything(t *testing.T) {
	t.Parallel()
	report := contract.RunChecks(t.Context(), newTarget(t, "health-text", "/mcp"), only("C1", "C3"), nil)
	document, err := report.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema, URL             string
		Passed, Failed, Skipped int
		Kept                    bool
		Results                 []struct {
			ID, Title, Ref, Status string
			Failures               []struct{ Request, Expected, Got, Why, Fix string }
		}
	}
	if err := json.Unmarshal(document, &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != contract.Schema || got.Passed != 1 || got.Failed != 1 || got.Skipped != 0 || got.Kept || got.URL != report.URL {
		t.Errorf("document is %s", document)
	}
	failed := got.Results[1]
	if failed.ID != "C3" || failed.Status != "fail" || failed.Title == "" || failed.Ref == "" {
		t.Errorf("result is %+v", failed)
	}
	f := failed.Failures[0]
	if !strings.Contains(f.Request, "/health'") || !strings.Contains(f.Got, "200 OK") || f.Expected == "" || f.Why == "" || f.Fix == "" {
		t.Errorf("failure is %+v", f)
	}
}

func TestChecksAreCompleteData(t *testing.T) {
	t.Parallel()
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprintf("C%d", i+1))
	}
	for i := range 7 {
		want = append(want, fmt.Sprintf("D%d", i+1))
	}
	for i, check := range everything() {
		if check.ID != want[i] || check.Discovers != (check.ID[0] == 'D') {
			t.Errorf("check %d is %s, want %s", i+1, check.ID, want[i])
		}
		if check.Title == "" || check.Ref == "" || check.Why == "" || check.Fix == "" || check.Run == nil {
			t.Errorf("%s is incomplete: %+v", check.ID, check)
		}
	}
}
