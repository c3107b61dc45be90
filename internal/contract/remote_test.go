package contract_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/remote"
)

// control answers the control endpoints of the local authorization server for the issuer of p.
func (p *production) control(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Claims              map[string]any
		Bad, Withdraw       string
		Rotate              bool
		Outage, Hang, Bloat *bool
		Slow                *string
	}
	if r.Method == http.MethodPost && (r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&order) != nil) {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	var answer any = map[string]string{"signing": p.issuer.KeyID()}
	switch r.Method + r.URL.Path {
	case "GET/dev/bad":
		var kinds []map[string]string
		for _, kind := range p.issuer.BadKinds() {
			kinds = append(kinds, map[string]string{"kind": kind, "why": p.issuer.Why(kind)})
		}
		answer = kinds
	case "POST/dev/token":
		token, err := p.issuer.Mint(order.Claims)
		if order.Bad != "" {
			token, err = p.issuer.Bad(order.Bad)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		answer = map[string]string{"access_token": token}
	case "GET/dev/keys":
	case "POST/dev/keys":
		if order.Rotate {
			answer = map[string]string{"signing": p.issuer.Rotate()}
		} else if !p.issuer.Withdraw(order.Withdraw) {
			w.WriteHeader(http.StatusBadRequest)
		}
	case "POST/dev/faults":
		for _, fault := range []struct {
			on  *bool
			set func(bool)
		}{{order.Outage, p.issuer.Outage}, {order.Hang, p.issuer.Hang}, {order.Bloat, p.issuer.Bloat}} {
			if fault.on != nil {
				fault.set(*fault.on)
			}
		}
		if order.Slow != nil {
			delay, _ := time.ParseDuration(*order.Slow)
			p.issuer.Slow(delay)
		}
	case "GET/dev/requests":
		log := []map[string]any{}
		for _, request := range p.issuer.Requests() {
			log = append(log, map[string]any{"method": request.Method, "path": request.Path, "token": request.Token})
		}
		answer = log
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

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
			target, p := newProduction(t, c.broken, "/mcp", func(p *production) { p.controlled = true })
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
			recorder := httptest.NewRecorder()
			p.issuer.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/keys", nil))
			if recorder.Code != http.StatusOK {
				t.Errorf("the keys answer %d", recorder.Code)
			}
		})
	}
}

func TestLocalAuthorizationServerIsNotTakenOver(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*contract.Target, *production){
		"a token was given":     func(target *contract.Target, p *production) { target.Token = p.mint(t, nil) },
		"a client was given":    func(target *contract.Target, _ *production) { target.Credentials = machine() },
		"nobody looks":          func(target *contract.Target, _ *production) { target.Local = nil },
		"it is not controlled":  func(_ *contract.Target, p *production) { p.controlled = false },
		"the chain has a break": func(_ *contract.Target, p *production) { p.document["issuer"] = p.url },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, p := newProduction(t, "", "/mcp", func(p *production) { p.controlled = true })
			target.Local = find
			change(&target, p)
			report := contract.RunChecks(t.Context(), target, everything(), nil)
			if report.Requests > 50 || report.Results[7].Status != contract.Skip {
				t.Errorf("%d requests: %s", report.Requests, report.Results[7].Text())
			}
		})
	}
}
