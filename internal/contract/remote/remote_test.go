package remote_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract/remote"
)

func TestFindTakesOnlyWhatCanBeControlledOnThisMachine(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dev/bad", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"kind":"expired","why":"it is over"}]`))
	})
	mux.HandleFunc("GET /dev/counters", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"fetches":3,"tokens":2}`)) })
	mux.HandleFunc("GET /empty/dev/bad", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[]`)) })
	mux.HandleFunc("GET /moved/dev/bad", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/dev/bad", http.StatusFound)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for issuer, want := range map[string]bool{
		server.URL + "/resources/res_1":       true,
		server.URL:                            false,
		server.URL + "/empty/resources/res_1": false,
		server.URL + "/moved/resources/res_1": false,
		server.URL + "/none/resources/res_1":  false,
		"http://192.0.2.1/resources/res_1":    false,
	} {
		found, ok := remote.Find(t.Context(), issuer)
		if ok != want {
			t.Errorf("%s: %v", issuer, ok)
		}
		if ok && (found.ResourceID() != "res_1" || found.Environment() != server.URL || found.Why("expired") != "it is over" || found.BadKinds()[0] != "expired") {
			t.Errorf("found %+v", found)
		}
	}
}

// TestSilentServerIsAnError asks one that answers nothing any more.
func TestSilentServerIsAnError(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*remote.Issuer){
		"token":    func(i *remote.Issuer) { _, _ = i.Mint(nil) },
		"bad":      func(i *remote.Issuer) { _, _ = i.Bad("expired") },
		"key":      func(i *remote.Issuer) { i.KeyID() },
		"rotate":   func(i *remote.Issuer) { i.Rotate() },
		"withdraw": func(i *remote.Issuer) { i.Withdraw("x") },
		"outage":   func(i *remote.Issuer) { i.Outage(true) },
		"fetches":  func(i *remote.Issuer) { i.Fetches() },
		"tokens":   func(i *remote.Issuer) { i.TokensReceived() },
	} {
		server := authserver.New(authserver.Options{})
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		issuer, ok := remote.Find(t.Context(), server.Issuer())
		if !ok || issuer.Err() != nil || issuer.Withdraw("no such key") || issuer.Err() != nil {
			t.Fatalf("found %v, %v", ok, issuer.Err())
		}
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		if ask(issuer); issuer.Err() == nil {
			t.Errorf("%s: no error without a server", name)
		}
	}
}

// TestCountersOutliveTheRequestLog wants the counts of a walk, however much has been asked before it.
func TestCountersOutliveTheRequestLog(t *testing.T) {
	t.Parallel()
	server := authserver.New(authserver.Options{})
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	fetch := func(times int) {
		r := httptest.NewRequest(http.MethodGet, server.Environment()+"/keys", nil)
		r.Header.Set("Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2ln")
		for range times {
			server.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	fetch(9_990)
	issuer, ok := remote.Find(t.Context(), server.Issuer())
	if !ok {
		t.Fatal("not found")
	}
	if n, m := issuer.Fetches(), issuer.TokensReceived(); n != 0 || m != 0 {
		t.Errorf("%d fetches and %d tokens before the walk count as its own", n, m)
	}
	fetch(500)
	if n, m := issuer.Fetches(), issuer.TokensReceived(); n != 500 || m != 500 {
		t.Errorf("%d fetches, %d tokens, want 500", n, m)
	}
}
