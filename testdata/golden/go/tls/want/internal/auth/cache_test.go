package auth

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/tls/internal/authtest"
)

func TestC07CacheEntriesExpire(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ tokenLife, entryLife time.Duration }{
		{time.Hour, time.Minute},
		{10 * time.Second, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCache()
			c.put("token", &entry{caller: Caller{Expires: time.Now().Add(test.tokenLife)}})
			if c.get("Token") != nil {
				t.Error("hit for another token")
			}
			time.Sleep(test.entryLife - time.Nanosecond)
			if c.get("token") == nil {
				t.Errorf("token valid for %v: gone before %v", test.tokenLife, test.entryLife)
			}
			time.Sleep(time.Nanosecond)
			if c.get("token") != nil {
				t.Errorf("token valid for %v: still there after %v", test.tokenLife, test.entryLife)
			}
		})
	}
}

func TestC07CacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache()
	caller := Caller{Expires: time.Now().Add(time.Hour)}
	for i := range 3 * cacheSize {
		c.put(fmt.Sprint(i), &entry{caller: caller})
	}
	if n := len(c.young) + len(c.old); n > 2*cacheSize {
		t.Errorf("%d tokens held, want at most %d", n, 2*cacheSize)
	}
	for age, want := range map[int]bool{1: true, cacheSize + 1: true, 2*cacheSize + 1: false} {
		if got := c.get(fmt.Sprint(3*cacheSize-age)) != nil; got != want {
			t.Errorf("token put %d before the end: held %v, want %v", age, got, want)
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
	issuer := authtest.New()
	verifier := newVerifier(issuer)
	token := issuer.Mint(nil)
	first, err := verifier.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := verifier.Verify(t.Context(), token); second != first {
		t.Error("the second check of a token was a full one")
	}
	if other, _ := verifier.Verify(t.Context(), issuer.Mint(nil)); other == first {
		t.Error("another token hit the entry of the first")
	}
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
	if e := held[sha256.Sum256([]byte(token))]; e == nil || len(held) != 1 {
		t.Fatalf("%d entries held, want that of the valid token", len(held))
	} else if dump := fmt.Sprintf("%+v", *e); strings.Contains(dump, token[:20]) {
		t.Errorf("the entry holds the token: %s", dump)
	}
}
