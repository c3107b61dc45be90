package contract_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/remote"
)

func find(ctx context.Context, issuer string) (contract.Issuer, bool) {
	return remote.Find(ctx, issuer)
}

func TestServerOfALocalAuthorizationServerIsCheckedInFull(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		broken string
		failed []string
	}{
		{"", nil},
		{"token-no-exp", []string{"C5"}},
		{"outage-forgets", []string{"C9"}},
		{"caller-stale", []string{"C12"}},
	} {
		t.Run(c.broken, func(t *testing.T) {
			t.Parallel()
			target, p := newProduction(t, c.broken, "/mcp", func(*production) {})
			target.Local = find
			report := contract.RunChecks(t.Context(), target, everything(), nil)
			if failed := failedIDs(report); !slices.Equal(failed, c.failed) {
				t.Errorf("failed %v, want %v:\n%s", failed, c.failed, report.Text())
			}
			for _, result := range report.Results {
				start := result.Status == contract.Skip && slices.ContainsFunc(result.Skipped, func(s string) bool {
					return !strings.Contains(s, "needs a server that can be started and stopped") && !strings.Contains(s, "the local authorization server makes the tokens")
				})
				if start {
					t.Errorf("%s", result.Text())
				}
			}
			if report.Requests < 300 {
				t.Errorf("%d requests", report.Requests)
			}
			// Nothing goes on misbehaving.
			response, err := http.Get(p.url + "/keys")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("the keys answer %s", response.Status)
			}
		})
	}
}

func TestLocalAuthorizationServerIsNotTakenOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*production)
		give   func(*contract.Target, *production)
	}{
		{"a token was given", func(*production) {}, func(target *contract.Target, p *production) { target.Token = p.mint(t, nil) }},
		{"a client was given", func(*production) {}, func(target *contract.Target, _ *production) { target.Credentials = machine() }},
		{"nobody looks", func(*production) {}, func(target *contract.Target, _ *production) { target.Local = nil }},
		{"it is not controlled", func(p *production) { p.uncontrolled = true }, func(*contract.Target, *production) {}},
		{"the chain has a break", func(p *production) { p.document["issuer"] = p.url }, func(*contract.Target, *production) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target, p := newProduction(t, "", "/mcp", c.change)
			target.Local = find
			c.give(&target, p)
			report := contract.RunChecks(t.Context(), target, everything(), nil)
			if report.Requests > 50 || report.Results[7].Status != contract.Skip {
				t.Errorf("%d requests: %s", report.Requests, report.Results[7].Text())
			}
		})
	}
}

// gone is an issuer that has stopped answering.
type gone struct{ answering }

type answering = contract.Issuer

func (gone) Err() error { return errors.New("connection refused") }

func TestSilentIssuerIsNoPass(t *testing.T) {
	t.Parallel()
	target := newTarget(t, "", "/mcp")
	target.Issuer = gone{target.Issuer}
	health := slices.DeleteFunc(contract.Checks(), func(c contract.Check) bool { return c.ID != "C3" })
	report := contract.RunChecks(t.Context(), target, health, nil)
	if report.Kept() || !strings.Contains(report.Text(), "connection refused") {
		t.Errorf("got %s", report.Text())
	}
}
