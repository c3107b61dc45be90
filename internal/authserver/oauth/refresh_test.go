package oauth_test

import (
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// refreshing is a good request for the refresh token in an answer.
func refreshing(client string, answer map[string]any, changes map[string]string) url.Values {
	token, _ := answer["refresh_token"].(string)
	return with(url.Values{
		"grant_type": {"refresh_token"}, "client_id": {client}, "refresh_token": {token}, "resource": {serverURL},
	}, changes)
}

const everything = "todo:read todo:write offline_access"

func TestRefreshTokenRotates(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	first := s.tokens(client, everything)
	second := object(t, s.post(tokenPath, refreshing(client, first, nil), nil), http.StatusOK)
	third := object(t, s.post("/oauth/token", refreshing(client, second, map[string]string{"resource": ""}), nil), http.StatusOK)
	if first["refresh_token"] == second["refresh_token"] || second["refresh_token"] == third["refresh_token"] || third["refresh_token"] == "" {
		t.Error("a refresh token was given twice")
	}
	before, after := claims(t, first), claims(t, third)
	if third["scope"] != everything || after["sub"] != before["sub"] || after["client_id"] != client || after["jti"] == before["jti"] {
		t.Errorf("refreshed %v to %v", before, after)
	}
}

func TestReuseOfARefreshTokenRevokesTheFamily(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	first, bystander := s.tokens(client, everything), s.tokens(client, everything)
	second := object(t, s.post(tokenPath, refreshing(client, first, nil), nil), http.StatusOK)
	refused(t, s.post(tokenPath, refreshing(client, first, nil), nil), http.StatusBadRequest, "invalid_grant")
	refused(t, s.post(tokenPath, refreshing(client, second, nil), nil), http.StatusBadRequest, "invalid_grant")
	object(t, s.post(tokenPath, refreshing(client, bystander, nil), nil), http.StatusOK)
}

func TestRefreshMayNarrowTheScopeButNotWidenIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	first := s.tokens(client, "todo:read email offline_access")
	narrow := object(t, s.post(tokenPath, refreshing(client, first, map[string]string{"scope": "email"}), nil), http.StatusOK)
	if narrow["scope"] != "email" || claims(t, narrow)["scope"] != "email" {
		t.Errorf("narrowed to %v", narrow["scope"])
	}
	for _, wider := range []string{"todo:write", "todo:read todo:write", "admin"} {
		refused(t, s.post(tokenPath, refreshing(client, narrow, map[string]string{"scope": wider}), nil), http.StatusBadRequest, "invalid_scope")
	}
	whole := object(t, s.post(tokenPath, refreshing(client, narrow, nil), nil), http.StatusOK)
	if whole["scope"] != "todo:read email offline_access" {
		t.Errorf("the refresh token lost scopes: %v", whole["scope"])
	}
}

func TestRefreshTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client, other := s.register(nil), s.register(nil)
	answer := s.tokens(client, everything)
	for name, tc := range map[string]struct {
		changes map[string]string
		code    string
	}{
		"another client":   {map[string]string{"client_id": other}, "invalid_grant"},
		"made up":          {map[string]string{"refresh_token": "rt_AAAA_BBBB"}, "invalid_grant"},
		"no form":          {map[string]string{"refresh_token": "x"}, "invalid_grant"},
		"foreign resource": {map[string]string{"resource": "https://x.example/"}, "invalid_target"},
		"malformed scope":  {map[string]string{"scope": `"`}, "invalid_scope"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, s.post(tokenPath, refreshing(client, answer, tc.changes), nil), http.StatusBadRequest, tc.code)
		})
	}
	object(t, s.post(tokenPath, refreshing(client, answer, nil), nil), http.StatusOK) // none of it used the token up
}

func TestRefreshTokenExpiresWhenItIsNotUsed(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	answer := s.tokens(client, everything)
	for range 2 {
		s.clock.advance(29 * 24 * time.Hour)
		answer = object(t, s.post(tokenPath, refreshing(client, answer, nil), nil), http.StatusOK)
	}
	s.clock.advance(30 * 24 * time.Hour)
	refused(t, s.post(tokenPath, refreshing(client, answer, nil), nil), http.StatusBadRequest, "invalid_grant")
}

func TestOfManyUsesAtOnceOneSucceeds(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	for name, form := range map[string]url.Values{
		"code":          exchange(client, s.code(client, nil), nil),
		"refresh token": refreshing(client, s.tokens(client, everything), nil),
	} {
		var succeeded atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if s.post(tokenPath, form, nil).StatusCode == http.StatusOK {
					succeeded.Add(1)
				}
			})
		}
		group.Wait()
		if got := succeeded.Load(); got != 1 {
			t.Errorf("%s: %d of 8 requests succeeded", name, got)
		}
	}
}

func TestOnlyTheNewestRefreshTokensAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	client := s.register(nil)
	oldest, next := s.tokens(client, everything), s.tokens(client, everything)
	for range 999 {
		s.tokens(client, everything)
	}
	refused(t, s.post(tokenPath, refreshing(client, oldest, nil), nil), http.StatusBadRequest, "invalid_grant")
	object(t, s.post(tokenPath, refreshing(client, next, nil), nil), http.StatusOK)
}
