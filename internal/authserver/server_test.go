package authserver_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

const serverURL = "http://127.0.0.1:3002/mcp"

func start(t *testing.T, opts authserver.Options) *authserver.Server {
	t.Helper()
	server := authserver.New(opts)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return server
}

type key struct{ Kty, Use, Alg, Kid, N, E string }

func fetchKeys(t *testing.T, server *authserver.Server) []key {
	t.Helper()
	response, err := http.Get(server.Environment() + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("GET /keys: %s, %s", response.Status, response.Header.Get("Content-Type"))
	}
	var set struct{ Keys []key }
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	return set.Keys
}

func (k key) public(t *testing.T) *rsa.PublicKey {
	t.Helper()
	n, err := base64.RawURLEncoding.DecodeString(k.N)
	if err != nil {
		t.Fatal(err)
	}
	e, err := base64.RawURLEncoding.DecodeString(k.E)
	if err != nil {
		t.Fatal(err)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
}

func TestKeysHaveScalekitsShape(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	keys := fetchKeys(t, server)
	if len(keys) != 1 {
		t.Fatalf("%d keys published, want 1", len(keys))
	}
	k := keys[0]
	if k.Kty != "RSA" || k.Use != "sig" || k.Alg != "RS256" || k.E != "AQAB" {
		t.Errorf("key is %+v", k)
	}
	if digits, found := strings.CutPrefix(k.Kid, "snk_"); !found || len(digits) != 17 || strings.Trim(digits, "0123456789") != "" {
		t.Errorf("kid is %q, want snk_ and 17 digits", k.Kid)
	}
	if bits := k.public(t).N.BitLen(); bits != 2048 {
		t.Errorf("the key has %d bits", bits)
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{ResourceID: "res_42"})
	if env := server.Environment(); !strings.HasPrefix(env, "http://127.0.0.1:") || strings.HasSuffix(env, "/") {
		t.Errorf("environment is %q", env)
	}
	if want := server.Environment() + "/resources/res_42"; server.Issuer() != want {
		t.Errorf("issuer is %q, want %q", server.Issuer(), want)
	}
	named := authserver.New(authserver.Options{Environment: "http://localhost:9900/"})
	if named.Environment() != "http://localhost:9900" || named.ResourceID() != authserver.DefaultResourceID {
		t.Errorf("environment is %q, resource id %q", named.Environment(), named.ResourceID())
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "127.0.0.1"} {
		if err := authserver.New(authserver.Options{Addr: addr}).Start(); err == nil {
			t.Errorf("listens on %q", addr)
		}
	}
}

func TestStartsOnlyOnce(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	if err := server.Start(); err == nil {
		t.Error("a second Start succeeded")
	}
}

func TestRotateKeepsTheOldKeyAndWithdrawRemovesIt(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	old := server.KeyID()
	fresh := server.Rotate()
	if server.KeyID() != fresh || fresh == old {
		t.Fatalf("signing with %q after rotating from %q to %q", server.KeyID(), old, fresh)
	}
	if got := kids(fetchKeys(t, server)); got != fresh+" "+old {
		t.Errorf("published %q, want the new key and then the old one", got)
	}
	if !server.Withdraw(old) || server.Withdraw(old) {
		t.Error("withdrawing does not report whether the key was published")
	}
	if got := kids(fetchKeys(t, server)); got != fresh {
		t.Errorf("published %q after withdrawing, want %q", got, fresh)
	}
	token, err := server.Mint(nil)
	if err != nil {
		t.Fatal(err)
	}
	if kid, _ := header(t, token)["kid"].(string); kid != fresh {
		t.Errorf("signed with %q, want %q", kid, fresh)
	}
}

func kids(keys []key) string {
	var ids []string
	for _, k := range keys {
		ids = append(ids, k.Kid)
	}
	return strings.Join(ids, " ")
}

func TestOutageAnswers503UntilItEnds(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	server.Outage(true)
	response, err := http.Get(server.Environment() + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d during an outage", response.StatusCode)
	}
	server.Outage(false)
	fetchKeys(t, server)
	if got := server.Fetches(); got != 2 {
		t.Errorf("counted %d fetches, want 2", got)
	}
}

func TestSlowDelaysTheKeys(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	fetchKeys(t, server)
	server.Slow(150 * time.Millisecond)
	began := time.Now()
	fetchKeys(t, server)
	if took := time.Since(began); took < 150*time.Millisecond {
		t.Errorf("answered after %v", took)
	}
}

func TestHangAnswersNobodyUntilItEnds(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	fetchKeys(t, server)
	server.Hang(true)
	impatient := &http.Client{Timeout: 100 * time.Millisecond}
	if response, err := impatient.Get(server.Environment() + "/keys"); err == nil {
		response.Body.Close()
		t.Fatalf("answered %s while hanging", response.Status)
	}
	answered := make(chan int, 1)
	go func() {
		response, err := http.Get(server.Environment() + "/keys")
		if err != nil {
			answered <- 0
			return
		}
		defer response.Body.Close()
		answered <- response.StatusCode
	}()
	for server.Fetches() < 3 {
		time.Sleep(time.Millisecond)
	}
	server.Hang(false)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the waiting request got %d", status)
	}
}

func TestCloseEndsHangingRequests(t *testing.T) {
	t.Parallel()
	server := authserver.New(authserver.Options{})
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	server.Hang(true)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if response, err := http.Get(server.Environment() + "/keys"); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
	}()
	for server.Fetches() < 1 {
		time.Sleep(time.Millisecond)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("a hanging request outlived Close")
	}
}

func TestBloatPadsTheKeys(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	server.Bloat(true)
	response, err := http.Get(server.Environment() + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || len(body) < 8<<20 || !json.Valid(body) {
		t.Errorf("%d bytes, valid JSON: %v, %v", len(body), json.Valid(body), err)
	}
	if keys := fetchKeys(t, server); len(keys) != 1 {
		t.Errorf("the keys among the padding are %v", keys)
	}
}

func TestPreflightIsNoFetch(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	request, err := http.NewRequest(http.MethodOptions, server.Environment()+"/keys", nil)
	if err != nil {
		t.Fatal(err)
	}
	get(t, request)
	if got := server.Fetches(); got != 0 {
		t.Errorf("counted %d fetches", got)
	}
}

func TestRequestLogNamesWhoSentAToken(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	fetchKeys(t, server)
	token := mint(t, server, nil)
	for name, value := range map[string]string{"Authorization": "Bearer " + token, "X-Forwarded-Access-Token": token} {
		request, err := http.NewRequest(http.MethodGet, server.Environment()+"/keys", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(name, value)
		get(t, request)
	}
	query, err := http.NewRequest(http.MethodGet, server.Environment()+"/keys?access_token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	get(t, query)
	log := server.Requests()
	if len(log) != 4 || log[0].Token || !log[1].Token || !log[3].Token || log[1].Path != "/keys" || log[1].Method != http.MethodGet {
		t.Errorf("log is %+v", log)
	}
	if got := server.TokensReceived(); got != 3 {
		t.Errorf("counted %d tokens, want 3", got)
	}
}

func get(t *testing.T, request *http.Request) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
}
