package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"example.com/scopes/internal/auth"
	"example.com/scopes/internal/authtest"
	"example.com/scopes/internal/config"
)

// BenchmarkToolsCall measures calls of one tool on a server without protection, on this server with a token that
// was checked before and with one that was not, and without a token. Requests are handled one after another on
// one processor, without a network: ns/op is CPU time, as a median and so mostly without the garbage collector's.
// x-unprotected is the ratio to calls of the unprotected server that are made in turn with them.
func BenchmarkToolsCall(b *testing.B) {
	compare(b, func(_ *testing.B, handler http.Handler, newRequest func(url string) *http.Request) func() int {
		return func() int {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, newRequest("http://localhost:3002/mcp"))
			return w.Code
		}
	})
}

// BenchmarkToolsCallNetwork is the same through a connection that is kept alive. The client's CPU time is included.
func BenchmarkToolsCallNetwork(b *testing.B) {
	compare(b, func(b *testing.B, handler http.Handler, newRequest func(url string) *http.Request) func() int {
		srv := httptest.NewServer(handler)
		b.Cleanup(srv.Close)
		return func() int {
			resp, err := srv.Client().Transport.RoundTrip(newRequest(srv.URL + "/mcp"))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			return resp.StatusCode
		}
	})
}

type caller func(b *testing.B, handler http.Handler, newRequest func(url string) *http.Request) func() int

func compare(b *testing.B, call caller) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	issuer := authtest.Start(b)
	cfg, err := config.Load(issuer.Getenv("http://localhost:3002/mcp", "3002"), "/mcp")
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	plain, scoped := (&site{}).tools(), requireScopes((&site{}).tools())
	keys := auth.NewKeys(issuer.URL+"/keys", log)
	unprotected, guarded := endpoint(plain), endpoint(scoped)
	uncached := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A new verifier has an empty cache.
		auth.NewGuard(auth.NewVerifier(keys, cfg.Issuers, cfg.Audiences), "", log).Protect(guarded).ServeHTTP(w, r)
	})
	protected := New(b.Context(), cfg, "/mcp", guarded, log)

	token := issuer.Mint(object{"exp": time.Now().Unix() + 3600})
	base := call(b, unprotected, newRequest(token))
	for _, variant := range []struct {
		name    string
		handler http.Handler
		token   string
		status  int
	}{
		{"unprotected", unprotected, token, 200},
		{"protected", protected, token, 200},
		{"uncached", uncached, token, 200},
		{"refused", protected, "", 401},
	} {
		own := call(b, variant.handler, newRequest(variant.token))
		b.Run(variant.name, func(b *testing.B) { alternate(b, base, own, variant.status) })
	}
}

func endpoint(tools *mcp.Server) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return tools },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
}

// alternate measures own, in turn with base, so that whatever else the machine does slows both.
func alternate(b *testing.B, base, own func() int, status int) {
	var baseTimes, ownTimes []time.Duration
	for b.Loop() {
		start := time.Now()
		base()
		between := time.Now()
		if got := own(); got != status {
			b.Fatalf("got %d, want %d", got, status)
		}
		baseTimes, ownTimes = append(baseTimes, between.Sub(start)), append(ownTimes, time.Since(between))
	}
	b.ReportMetric(float64(median(ownTimes)), "ns/op")
	b.ReportMetric(float64(median(ownTimes))/float64(median(baseTimes)), "x-unprotected")
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func newRequest(token string) func(url string) *http.Request {
	message := callTool("read")
	return func(url string) *http.Request {
		req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(message))
		if err != nil {
			panic(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		return req
	}
}
