package auth

import (
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/scopes/internal/authtest"
)

func TestC07CacheEntriesExpire(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ tokenLife, entryLife time.Duration }{
		{time.Hour, time.Minute},
		{10 * time.Second, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCache()
			c.put("token", &Caller{Expires: time.Now().Add(test.tokenLife)}, 1)
			if c.get("Token", 1) != nil {
				t.Error("hit for another token")
			}
			time.Sleep(test.entryLife - time.Nanosecond)
			if c.get("token", 1) == nil {
				t.Errorf("token valid for %v: gone before %v", test.tokenLife, test.entryLife)
			}
			time.Sleep(time.Nanosecond)
			if c.get("token", 1) != nil {
				t.Errorf("token valid for %v: still there after %v", test.tokenLife, test.entryLife)
			}
		})
	}
}

func TestC07CacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache()
	caller := &Caller{Expires: time.Now().Add(time.Hour)}
	for i := range 3 * cacheSize {
		c.put(fmt.Sprint(i), caller, 1)
	}
	if n := len(c.young.places) + len(c.old.places); n > 2*cacheSize {
		t.Errorf("%d tokens held, want at most %d", n, 2*cacheSize)
	}
	for age, want := range map[int]bool{1: true, cacheSize + 1: true, 2*cacheSize + 1: false} {
		if got := c.get(fmt.Sprint(3*cacheSize-age), 1) != nil; got != want {
			t.Errorf("token put %d before the end: held %v, want %v", age, got, want)
		}
	}
}

func TestC07CacheIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	c := newCache()
	caller := &Caller{Subject: strings.Repeat("s", maxToken), Expires: time.Now().Add(time.Hour)}
	for i := range 3 * cacheBytes / maxToken {
		c.put(fmt.Sprint(i), caller, 1)
		if n := len(c.young.callers) + len(c.old.callers); n > 2*cacheBytes {
			t.Fatalf("%d bytes held, want at most %d", n, 2*cacheBytes)
		}
	}
	if got := c.get(fmt.Sprint(3*cacheBytes/maxToken-1), 1); got == nil || got.Subject != caller.Subject {
		t.Error("the latest token is not held")
	}
}

// What the cache says of a caller is what the token says.
func TestC12CachedCallerIsTheSame(t *testing.T) {
	t.Parallel()
	expires := time.Unix(time.Now().Unix()+3600, 0)
	for _, caller := range []*Caller{
		{Subject: "usr_1", ClientID: "skc_1", Organization: "org_1", Scopes: []string{"a", "b"}, Expires: expires},
		{Subject: "usr_1", ClientID: "skc_1", Scopes: []string{"a b"}, Expires: expires},
		{Subject: "usr_1", Scopes: []string{}, Expires: expires},
	} {
		c := newCache()
		c.put("another", &Caller{Subject: "usr_2", Scopes: []string{"admin"}, Expires: expires}, 1)
		c.put("token", caller, 1)
		if got := c.get("token", 1); !reflect.DeepEqual(got, caller) {
			t.Errorf("got %+v, want %+v", got, caller)
		}
		if c.get("token", 2) != nil {
			t.Error("held for a later key set, too")
		}
	}
}

// A claim cannot move the borders between the fields of a caller.
func TestC12CallerWithASeparatorIsNotCached(t *testing.T) {
	t.Parallel()
	expires := time.Now().Add(time.Hour)
	for _, caller := range []*Caller{
		{Subject: "usr_1" + separator + "admin", Expires: expires},
		{Subject: "usr_1", Scopes: []string{"a" + separator + "admin"}, Expires: expires},
	} {
		c := newCache()
		c.put("token", caller, 1)
		if got := c.get("token", 1); got != nil {
			t.Errorf("got %+v", got)
		}
	}
}

// A token that is in the cache must die with its expiry, too.
func TestC07CachedTokenExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		verifier := newVerifier(issuer)
		token := issuer.Mint(object{"exp": time.Now().Unix() + 10})
		for _, step := range []struct {
			after time.Duration
			valid bool
		}{{0, true}, {9 * time.Second, true}, {leeway, true}, {time.Second, false}} {
			time.Sleep(step.after)
			if _, err := verifier.Verify(t.Context(), token); (err == nil) != step.valid {
				t.Errorf("%v later: got %v, want valid %v", step.after, err, step.valid)
			}
		}
	})
}

func TestC07SecondCheckIsFromTheCache(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.New()
		verifier := newVerifier(issuer)
		refresh(t, verifier.keys)
		token := issuer.Mint(nil)
		if err := verify(t, verifier, token); err != nil {
			t.Fatal(err)
		}
		verifier.keys.current.Store(&map[string]*rsa.PublicKey{}) // no full check can succeed
		if err := verify(t, verifier, token); err != nil {
			t.Errorf("the second check of a token was a full one: %v", err)
		}
		if err := verify(t, verifier, issuer.Mint(nil)); err == nil {
			t.Error("another token hit the entry of the first")
		}
	})
}

func TestC13CacheHoldsNoToken(t *testing.T) {
	t.Parallel()
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	for _, claims := range []object{{"exp": 1}, {"aud": "res_2"}, {"sub": ""}} {
		verifier.Verify(t.Context(), issuer.Mint(claims))
	}
	token := issuer.Mint(nil)
	verifier.Verify(t.Context(), token)
	held := verifier.verified.young
	if _, ok := held.places[sha256.Sum256([]byte(token))]; !ok || len(held.places) != 1 {
		t.Fatalf("%d tokens held, want the valid one", len(held.places))
	}
	for _, part := range strings.Split(token, ".") {
		if strings.Contains(string(held.callers), part) {
			t.Errorf("the cache holds a part of the token: %q", held.callers)
		}
	}
}
