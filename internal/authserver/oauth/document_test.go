package oauth_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// host serves one client ID metadata document over TLS.
type host struct {
	*httptest.Server
	fetches atomic.Int32
}

// newHost answers /client.json with what answer writes; id is the URL of the document.
func newHost(t *testing.T, answer func(w http.ResponseWriter, id string)) *host {
	t.Helper()
	h := &host{}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.fetches.Add(1)
		w.Header().Set("Content-Type", "application/json")
		answer(w, h.id())
	}))
	h.Server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail are wanted
	h.Server.StartTLS()
	t.Cleanup(h.Close)
	return h
}

func (h *host) id() string { return h.URL + "/client.json" }

func (h *host) site(t *testing.T) *site {
	t.Helper()
	return newSite(t, func(o *authserver.Options) { o.DocumentClient = h.Client() })
}

// document is a good one, with changes laid over it.
func document(changes map[string]any) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, id string) {
		members := map[string]any{
			"client_id": id, "client_name": "Document client", "redirect_uris": []string{callback}, "token_endpoint_auth_method": "none",
		}
		for name, value := range changes {
			members[name] = value
			if value == nil {
				delete(members, name)
			}
		}
		_ = json.NewEncoder(w).Encode(members)
	}
}

func TestDocumentIsTheRegistration(t *testing.T) {
	t.Parallel()
	for _, method := range []any{"none", nil} {
		h := newHost(t, document(map[string]any{"token_endpoint_auth_method": method}))
		s := h.site(t)
		answer := s.tokens(h.id(), everything)
		if claims(t, answer)["client_id"] != h.id() {
			t.Errorf("client_id is %v, want %s", claims(t, answer)["client_id"], h.id())
		}
		object(t, s.post(tokenPath, refreshing(h.id(), answer, nil), nil), http.StatusOK)
		if got := h.fetches.Load(); got != 1 {
			t.Errorf("fetched %d times, want once", got)
		}
		s.clock.advance(5 * time.Minute)
		s.code(h.id(), nil)
		if got := h.fetches.Load(); got != 2 {
			t.Errorf("fetched %d times after five minutes, want twice", got)
		}
	}
}

func TestDocumentIsRefused(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter, string){
		"another id":         document(map[string]any{"client_id": "https://app.example/client.json"}),
		"no id":              document(map[string]any{"client_id": nil}),
		"no redirect URI":    document(map[string]any{"redirect_uris": nil}),
		"another redirect":   document(map[string]any{"redirect_uris": []string{"https://app.example/cb"}}),
		"bad redirect URI":   document(map[string]any{"redirect_uris": []string{callback, "http://app.example/"}}),
		"a secret":           document(map[string]any{"token_endpoint_auth_method": "client_secret_post"}),
		"private_key_jwt":    document(map[string]any{"token_endpoint_auth_method": "private_key_jwt"}),
		"client credentials": document(map[string]any{"grant_types": []string{"client_credentials"}}),
		"too large":          document(map[string]any{"padding": strings.Repeat("x", 16<<10)}),
		"no JSON":            func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "<html>") },
		"an array":           func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "[]") },
		"not found": func(w http.ResponseWriter, id string) {
			w.WriteHeader(http.StatusNotFound)
			document(nil)(w, id)
		},
		"a redirect": func(w http.ResponseWriter, id string) {
			w.Header().Set("Location", id+"?again")
			w.WriteHeader(http.StatusFound)
		},
		"HTML": func(w http.ResponseWriter, id string) {
			w.Header().Set("Content-Type", "text/html")
			document(nil)(w, id)
		},
	} {
		h := newHost(t, answer)
		response := h.site(t).get(authorizePath + "?" + request(h.id(), nil).Encode())
		if response.StatusCode != http.StatusBadRequest || response.Header.Get("Location") != "" {
			t.Errorf("%s: status %d, sent to %q", name, response.StatusCode, response.Header.Get("Location"))
		}
		if got := h.fetches.Load(); got != 1 {
			t.Errorf("%s: fetched %d times, want once", name, got)
		}
	}
}

func TestClientIDsThatAreNoDocuments(t *testing.T) {
	t.Parallel()
	h := newHost(t, document(nil))
	s := h.site(t)
	plain := strings.Replace(h.URL, "https:", "http:", 1)
	withUser := strings.Replace(h.URL, "https://", "https://me@", 1)
	for _, id := range []string{
		h.URL, h.URL + "/", plain + "/client.json", withUser + "/client.json", h.id() + "#x", h.URL + "/a/../client.json",
		h.URL + "/./client.json", h.URL + "/%2e%2e/client.json", h.URL + "/" + strings.Repeat("x", 2048), "https:/client.json", "https:///client.json",
	} {
		if status := s.get(authorizePath + "?" + request(id, nil).Encode()).StatusCode; status != http.StatusBadRequest {
			t.Errorf("%.80s: status %d", id, status)
		}
	}
	if got := h.fetches.Load(); got != 0 {
		t.Errorf("fetched %d times", got)
	}
}

func TestSlowDocumentIsGivenUp(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	h := newHost(t, func(http.ResponseWriter, string) { <-release })
	t.Cleanup(func() { close(release) })
	client := h.Client()
	s := newSite(t, func(o *authserver.Options) { o.DocumentClient = client })
	if status := s.get(authorizePath + "?" + request(h.id(), nil).Encode()).StatusCode; status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
	if client.Timeout != 0 || client.CheckRedirect != nil {
		t.Error("the caller's client was changed")
	}
}

func TestDocumentIsNotFetchedFromAPrivateNetwork(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for _, host := range []string{"10.0.0.1", "100.64.0.1", "[64:ff9b::a00:1]", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "[fd00::1]", "[fe80::1]", "[::ffff:10.0.0.1]", "224.0.0.1"} {
		response := s.get(authorizePath + "?" + request("https://"+host+"/client.json", nil).Encode())
		body, err := io.ReadAll(response.Body)
		explained := strings.Contains(string(body), "neither a public nor a loopback address") ||
			strings.HasPrefix(host, "[") && strings.Contains(string(body), "address family") // no IPv6 here
		if err != nil || response.StatusCode != http.StatusBadRequest || !explained {
			t.Errorf("%s: status %d, %v: %s", host, response.StatusCode, err, body[max(0, len(body)-300):])
		}
	}
}

func TestDefaultClientReachesLoopbackAndChecksCertificates(t *testing.T) {
	t.Parallel()
	h := newHost(t, document(nil))
	response := newSite(t, nil).get(authorizePath + "?" + request(h.id(), nil).Encode())
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "certificate") {
		t.Errorf("status %d, %v: %s", response.StatusCode, err, body[max(0, len(body)-300):])
	}
}
