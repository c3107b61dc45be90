package remote_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract/remote"
)

func TestFindTakesOnlyWhatCanBeControlledOnThisMachine(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dev/bad", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"kind":"expired","why":"it is over"}]`))
	})
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

// TestSilentServerIsNoCrash asks one that answers nothing any more.
func TestSilentServerIsNoCrash(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"kind":"expired"}]`))
	}))
	issuer, ok := remote.Find(t.Context(), server.URL+"/resources/res_1")
	server.Close()
	if !ok {
		t.Fatal("not found")
	}
	if _, err := issuer.Mint(nil); err == nil {
		t.Error("a token without a server")
	}
	if issuer.KeyID() != "" || issuer.Rotate() != "" || issuer.Withdraw("x") || issuer.Fetches() != 0 {
		t.Error("answers without a server")
	}
	issuer.Outage(true)
}
