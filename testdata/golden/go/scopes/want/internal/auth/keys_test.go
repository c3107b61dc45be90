package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/scopes/internal/authtest"
)

// verify reports whether the token is valid: nil, ErrInvalid or ErrUnavailable.
func verify(t *testing.T, v *Verifier, token string) error {
	t.Helper()
	_, err := v.Verify(t.Context(), token)
	for _, known := range []error{ErrInvalid, ErrUnavailable} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}

// refresh lets k refresh itself until t ends. The first fetch is over when it returns.
func refresh(t *testing.T, k *Keys) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.Refresh(t.Context())
	}()
	t.Cleanup(func() {
		<-done
		time.Sleep(fetchTimeout) // for a fetch that a lookup began
	})
	synctest.Wait()
}

func TestC08RotatedKeyWorksOnFirstUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		verifier := newVerifier(issuer)
		if err := verify(t, verifier, issuer.Mint(nil)); err != nil {
			t.Fatalf("first key: %v", err)
		}
		time.Sleep(fetchFloor)
		issuer.Rotate()
		if err := verify(t, verifier, issuer.Mint(nil)); err != nil {
			t.Errorf("second key: %v", err)
		}
		issuer.Rotate()
		token := issuer.Mint(nil)
		if err := verify(t, verifier, token); err != ErrInvalid {
			t.Errorf("third key, before the floor: got %v, want %v", err, ErrInvalid)
		}
		time.Sleep(fetchFloor)
		if err := verify(t, verifier, token); err != nil {
			t.Errorf("third key, after the floor: %v", err)
		}
	})
}

func TestC08WithdrawnKeyStopsWithTheNextRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		verifier := newVerifier(issuer)
		refresh(t, verifier.keys)
		time.Sleep(5*time.Minute - time.Second)
		cached, fresh := issuer.Mint(nil), issuer.Mint(nil)
		issuer.Rotate()
		issuer.Withdraw()
		if err := verify(t, verifier, cached); err != nil {
			t.Errorf("before the refresh: %v", err)
		}
		time.Sleep(2 * time.Second)
		for name, token := range map[string]string{"cached": cached, "not cached": fresh} {
			if err := verify(t, verifier, token); err != ErrInvalid {
				t.Errorf("after the refresh, token %s: got %v, want %v", name, err, ErrInvalid)
			}
		}
		if err := verify(t, verifier, issuer.Mint(nil)); err != nil {
			t.Errorf("new key after the refresh: %v", err)
		}
	})
}

// A key that is replaced under its old id is another key.
func TestC08CachedTokenOfAReplacedKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		verifier := newVerifier(issuer)
		refresh(t, verifier.keys)
		token := issuer.Mint(nil)
		if err := verify(t, verifier, token); err != nil {
			t.Fatal(err)
		}
		replaced, _ := json.Marshal(object{"keys": []any{authtest.JWK("key-1", &authtest.Key(2).PublicKey)}})
		issuer.Answer(func(w http.ResponseWriter, _ *http.Request) { w.Write(replaced) })
		time.Sleep(refreshEvery)
		synctest.Wait()
		if err := verify(t, verifier, token); err != ErrInvalid {
			t.Errorf("got %v, want %v", err, ErrInvalid)
		}
	})
}

func TestC08FloodOfUnknownKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		keys := newKeys(issuer)
		for interval := 1; interval <= 2; interval++ {
			var callers sync.WaitGroup
			for i := range 10_000 {
				callers.Go(func() {
					// Those that find too many waiting are told to come back.
					if _, err := keys.lookup(t.Context(), fmt.Sprint("unknown-", i)); err != errUnknownKey && err != errKeysUnavailable {
						t.Errorf("got %v, want %v", err, errUnknownKey)
					}
				})
			}
			callers.Wait()
			if n := len(issuer.Fetches()); n != interval {
				t.Fatalf("%d fetches in %d floor intervals", n, interval)
			}
			time.Sleep(fetchFloor)
		}
	})
}

// Requests whose token is not verified yet cannot pile up behind a key endpoint that hangs.
func TestC17WaitingIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		issuer.Answer(authtest.Hang)
		keys := newKeys(issuer)
		start := time.Now()
		var callers sync.WaitGroup
		var waited atomic.Int32
		for range maxWaiting + 50 {
			callers.Go(func() {
				if _, err := keys.lookup(t.Context(), "unknown"); err != errKeysUnavailable {
					t.Errorf("got %v, want %v", err, errKeysUnavailable)
				}
				if time.Since(start) > 0 {
					waited.Add(1)
				}
			})
		}
		callers.Wait()
		if n := waited.Load(); n != maxWaiting {
			t.Errorf("%d callers waited, want %d", n, maxWaiting)
		}
		time.Sleep(fetchTimeout)
	})
}

func TestC08OneFetchAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		issuer.Answer(authtest.Hang)
		keys := newKeys(issuer)
		keys.floor = 0
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() { keys.lookup(t.Context(), "unknown") })
		}
		callers.Wait()
		if n := len(issuer.Fetches()); n != 1 {
			t.Errorf("%d fetches, want 1", n)
		}
		time.Sleep(fetchTimeout)
	})
}

func TestC09Outage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		verifier := newVerifier(issuer)
		if err := verify(t, verifier, issuer.Mint(nil)); err != nil {
			t.Fatal(err)
		}
		known := issuer.Mint(nil)
		issuer.Rotate()
		unknown := issuer.Mint(nil)
		issuer.Answer(authtest.Outage)
		time.Sleep(fetchFloor)
		for range 2 { // the second check is within the floor interval
			if err := verify(t, verifier, unknown); err != ErrUnavailable {
				t.Errorf("unknown key: got %v, want %v", err, ErrUnavailable)
			}
		}
		if err := verify(t, verifier, known); err != nil {
			t.Errorf("known key: %v", err)
		}
		issuer.Answer(nil)
		time.Sleep(fetchFloor)
		if err := verify(t, verifier, unknown); err != nil {
			t.Errorf("after the outage: %v", err)
		}
	})
}

func TestC09DownAtStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		issuer.Answer(authtest.Outage)
		verifier := newVerifier(issuer)
		var log bytes.Buffer
		verifier.keys.log = slog.New(slog.NewTextHandler(&log, nil))
		refresh(t, verifier.keys)
		if err := verify(t, verifier, issuer.Mint(nil)); err != ErrUnavailable {
			t.Errorf("got %v, want %v", err, ErrUnavailable)
		}
		if !strings.Contains(log.String(), "status 503") {
			t.Errorf("the log does not say why: %s", &log)
		}
		issuer.Answer(nil)
		time.Sleep(fetchFloor + time.Second)
		fetches := len(issuer.Fetches())
		if err := verify(t, verifier, issuer.Mint(nil)); err != nil {
			t.Errorf("after the outage: %v", err)
		}
		if fetches != 2 || len(issuer.Fetches()) != fetches {
			t.Errorf("%d fetches, then %d: want the background to have fetched once more", fetches, len(issuer.Fetches()))
		}
	})
}

func TestC09HangingKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		verifier := newVerifier(issuer)
		known := issuer.Mint(nil)
		verify(t, verifier, known)
		time.Sleep(fetchFloor)
		issuer.Rotate()
		issuer.Answer(authtest.Hang)
		start := time.Now()
		if err := verify(t, verifier, issuer.Mint(nil)); err != ErrUnavailable || time.Since(start) != 2*time.Second {
			t.Errorf("unknown key: %v after %v, want %v after 2 s", err, time.Since(start), ErrUnavailable)
		}
		start = time.Now()
		if err := verify(t, verifier, known); err != nil || time.Since(start) != 0 {
			t.Errorf("known key: %v after %v, want no error at once", err, time.Since(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := verifier.Verify(ctx, issuer.Mint(nil)); !errors.Is(err, ErrUnavailable) || time.Since(start) != 0 {
			t.Errorf("caller gone: %v after %v, want %v at once", err, time.Since(start), ErrUnavailable)
		}
		issuer.Answer(nil)
		time.Sleep(fetchTimeout)
		if err := verify(t, verifier, issuer.Mint(nil)); err != nil {
			t.Errorf("unknown key after the hanging fetch was given up: %v", err)
		}
	})
}

func TestC08BadKeySetsChangeNothing(t *testing.T) {
	t.Parallel()
	otherKeys, _ := json.Marshal(object{"keys": []any{authtest.JWK("key-2", &authtest.Key(2).PublicKey)}})
	for name, answer := range map[string]http.HandlerFunc{
		"outage": authtest.Outage,
		"hang":   authtest.Hang,
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/keys" {
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
				return
			}
			w.Write(otherKeys)
		},
		"error with keys": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			w.Write(otherKeys)
		},
		"not JSON":   func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) },
		"no key set": func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"issuer":"x"}`)) },
		"too large": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"keys":[]%*s`, maxKeySet+1-len(`{"keys":[]`), "}")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			issuer := authtest.New()
			verifier := newVerifier(issuer)
			refresh(t, verifier.keys)
			issuer.Answer(answer)
			time.Sleep(refreshEvery + fetchTimeout)
			if err := verify(t, verifier, issuer.Mint(nil)); err != nil {
				t.Errorf("%s: known key: %v", name, err)
			}
			issuer.Rotate()
			if err := verify(t, verifier, issuer.Mint(nil)); err != ErrUnavailable {
				t.Errorf("%s: unknown key: got %v, want %v", name, err, ErrUnavailable)
			}
		})
	}
}

func TestC13FetchCarriesNoToken(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	token := issuer.Mint(nil)
	verify(t, newVerifier(issuer), token)
	for _, header := range issuer.Fetches() {
		if strings.Contains(fmt.Sprint(header), token) {
			t.Errorf("the token was sent along: %v", header)
		}
	}
}

func TestC07KeysThatAreLeftOut(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("_", 344) // 2064 bits
	for name, change := range map[string]map[string]string{
		"for encryption":      {"use": "enc"},
		"of another type":     {"kty": "EC"},
		"for another alg":     {"alg": "RS512"},
		"without an id":       {"kid": ""},
		"weak":                {"n": strings.Repeat("_", 170)}, // 1020 bits
		"padded":              {"n": big + "="},
		"without a modulus":   {"n": ""},
		"without an exponent": {"e": ""},
		"with the exponent 1": {"e": "AQ"},
		"with an even one":    {"e": "BA"},
		"with a vast one":     {"e": "AQAAAAE"}, // 2^32 + 1
	} {
		jwk := authtest.JWK("key-1", &authtest.Key(1).PublicKey)
		for member, value := range change {
			jwk[member] = value
		}
		body, _ := json.Marshal(object{"keys": []any{jwk, authtest.JWK("key-2", &authtest.Key(2).PublicKey)}})
		keys, err := parseKeySet(body)
		if err != nil || len(keys) != 1 || keys["key-2"] == nil {
			t.Errorf("key %s: got %d keys, %v; want key-2 alone", name, len(keys), err)
		}
	}
	body := `{"keys":[{"kty":"RSA","kid":"bare","n":"` + big + `","e":"AQAB"}]}`
	if keys, err := parseKeySet([]byte(body)); err != nil || keys["bare"] == nil {
		t.Errorf("key without use and alg: got %v, %v", keys, err)
	}
}
