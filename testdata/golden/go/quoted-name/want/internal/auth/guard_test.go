package auth

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/acme/Mixed-Case_server.v2/internal/authtest"
)

const (
	metadataURL = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp"

	noTokenChallenge = `Bearer realm="OAuth", resource_metadata="` + metadataURL + `"`
	invalidChallenge = `Bearer realm="OAuth", error="invalid_token", ` +
		`error_description="The access token is not valid for this server", resource_metadata="` + metadataURL + `"`
)

// protect answers a request as a guard in front of a handler that says "served" would.
func protect(v *Verifier, log io.Writer, r *http.Request) *httptest.ResponseRecorder {
	guard := NewGuard(v, metadataURL, slog.New(slog.NewJSONHandler(log, nil)))
	w := httptest.NewRecorder()
	guard.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "served"+r.Header.Get("Authorization"))
	})).ServeHTTP(w, r)
	return w
}

func bearer(token string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, resource, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

func TestC04C06Credentials(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	token := issuer.Mint(nil)
	for _, test := range []struct {
		name      string
		values    []string // of Authorization
		status    int
		challenge string
	}{
		{"no header", nil, 401, noTokenChallenge},
		{"an empty header", []string{""}, 401, noTokenChallenge},
		{"another scheme", []string{"Basic dXNyOnB3ZA=="}, 401, noTokenChallenge},
		{"a scheme alone", []string{"Bearer"}, 401, noTokenChallenge},
		{"an empty credential", []string{"Bearer  "}, 401, noTokenChallenge},
		{"no space", []string{"Bearer" + token}, 401, noTokenChallenge},
		{"no scheme", []string{token}, 401, noTokenChallenge},
		{"one token", []string{"Bearer " + token}, 200, ""},
		{"the scheme in lower case", []string{"bearer " + token}, 200, ""},
		{"the scheme in capitals", []string{"BEARER " + token}, 200, ""},
		{"more spaces", []string{"Bearer   " + token}, 200, ""},
		{"two tokens", []string{"Bearer " + token + " " + token}, 401, invalidChallenge},
		{"two credentials", []string{"Bearer " + token + ", Bearer " + token}, 401, invalidChallenge},
		{"two headers", []string{"Bearer " + token, "Bearer " + token}, 400, ""},
		{"two schemes", []string{"Basic dXNyOnB3ZA==", "Bearer " + token}, 400, ""},
	} {
		r := httptest.NewRequest(http.MethodPost, resource, nil)
		r.Header["Authorization"] = test.values
		w := protect(verifier, io.Discard, r)
		if got := w.Header().Get("WWW-Authenticate"); w.Code != test.status || test.challenge != "" && got != test.challenge {
			t.Errorf("%s: got %d, %s\nwant %d, %s", test.name, w.Code, got, test.status, test.challenge)
		}
		if served := strings.HasPrefix(w.Body.String(), "served"); served != (test.status == 200) {
			t.Errorf("%s: served %v", test.name, served)
		}
	}
}

func TestC06TokenElsewhereIsIgnored(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	token := issuer.Mint(nil)
	form := httptest.NewRequest(http.MethodPost, resource, strings.NewReader("access_token="+token))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	cookie := httptest.NewRequest(http.MethodPost, resource, nil)
	cookie.AddCookie(&http.Cookie{Name: "access_token", Value: token})
	for name, r := range map[string]*http.Request{
		"query":  httptest.NewRequest(http.MethodPost, resource+"?access_token="+token, nil),
		"form":   form,
		"cookie": cookie,
	} {
		w := protect(newVerifier(issuer), io.Discard, r)
		if got := w.Header().Get("WWW-Authenticate"); w.Code != 401 || got != noTokenChallenge {
			t.Errorf("%s: got %d, %s; want 401, %s", name, w.Code, got, noTokenChallenge)
		}
	}
}

// Whatever is wrong with a token, the answer is the same, to the byte.
func TestC05OneAnswerForInvalidTokens(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	for name, token := range map[string]string{
		"garbage":     "garbage",
		"expired":     issuer.Mint(object{"exp": 1}),
		"foreign":     issuer.Mint(object{"aud": "https://other.example.com"}),
		"unknown key": issuer.Sign(issuer.Header(object{"kid": "key-9"}), issuer.Claims(nil)),
		"forged":      issuer.Mint(nil)[:100] + "A",
		"too long":    strings.Repeat("x", maxToken+1),
	} {
		w := protect(verifier, io.Discard, bearer(token))
		const body = `{"error":"invalid_token","error_description":"The access token is not valid for this server"}`
		if w.Code != 401 || w.Header().Get("WWW-Authenticate") != invalidChallenge || w.Body.String() != body {
			t.Errorf("%s: got %d, %v, %s", name, w.Code, w.Header(), w.Body)
		}
		if w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got headers %v", name, w.Header())
		}
	}
	w := protect(verifier, io.Discard, httptest.NewRequest(http.MethodPost, resource, nil))
	if want := `{"error":"unauthorized","error_description":"This server needs an access token"}`; w.Body.String() != want {
		t.Errorf("no token: got %s, want %s", w.Body, want)
	}
}

func TestC09UnavailableKeysAreNotAChallenge(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	issuer.Answer(authtest.Outage)
	w := protect(newVerifier(issuer), io.Discard, bearer(issuer.Mint(nil)))
	if w.Code != 503 || w.Header().Get("Retry-After") != "5" || w.Header().Get("WWW-Authenticate") != "" {
		t.Errorf("got %d, %v", w.Code, w.Header())
	}
	if want := `{"error":"service_unavailable","error_description":"The access token cannot be checked now"}`; w.Body.String() != want {
		t.Errorf("got %s, want %s", w.Body, want)
	}
}

// The leeway holds for the whole way through the guard.
func TestC07LeewayOfTheGuard(t *testing.T) {
	t.Parallel()
	for age, want := range map[int64]int{29: 200, 30: 401} {
		synctest.Test(t, func(t *testing.T) {
			issuer := authtest.New()
			w := protect(newVerifier(issuer), io.Discard, bearer(issuer.Mint(object{"exp": time.Now().Unix() - age})))
			if w.Code != want {
				t.Errorf("expired %d s ago: got %d %s, want %d", age, w.Code, w.Body, want)
			}
		})
	}
}

// Tools get the caller, not the token: "served" is all that the handler finds to say.
func TestC13TokenEndsAtTheGuard(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	w := protect(newVerifier(issuer), io.Discard, bearer(issuer.Mint(nil)))
	if w.Body.String() != "served" {
		t.Errorf("the handler behind the guard saw the token: %s", w.Body)
	}
}

func TestC18OneRecordPerRequest(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	for _, test := range []struct {
		token string
		want  object
	}{
		{issuer.Mint(nil), object{"msg": "request", "subject": "usr_1", "client": "skc_1", "status": 200.}},
		{issuer.Mint(object{"exp": 1}), object{"msg": "request refused", "reason": "invalid token: expired", "status": 401.}},
		{"", object{"msg": "request refused", "reason": "no bearer token", "status": 401.}},
	} {
		var log bytes.Buffer
		protect(verifier, &log, bearer(test.token))
		var record object
		if err := json.Unmarshal(log.Bytes(), &record); err != nil {
			t.Errorf("want one record, got %v: %s", err, &log)
		}
		for name, want := range test.want {
			if record[name] != want {
				t.Errorf("%s: got %v, want %v", name, record[name], want)
			}
		}
		if test.token != "" && strings.Contains(log.String(), test.token[:20]) {
			t.Errorf("the log holds the token: %s", &log)
		}
	}
}
