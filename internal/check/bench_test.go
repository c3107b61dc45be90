//go:build unix

package check_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/templates"
)

// unprotected is the same tool on the SDK's handler, without any of what mcpauth adds.
const unprotected = `package main

import (
	"context"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type input struct {
	Name string ` + "`json:\"name\" jsonschema:\"who to greet\"`" + `
}

type output struct {
	Greeting string ` + "`json:\"greeting\"`" + `
}

func greet(_ context.Context, _ *mcp.CallToolRequest, in input) (*mcp.CallToolResult, output, error) {
	return nil, output{"Hello, " + in.Name + "!"}, nil
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "unprotected", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "greet", Description: "Greet someone by name"}, greet)
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true}))
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux)
}
`

const (
	calls       = 4000 // in a round
	connections = 16
)

// A variant is a server and the requests it gets.
type variant struct {
	binary string
	env    []string
	token  func(i int) string // of the i-th call; empty for none
	status int

	cpu, wall time.Duration
	rss       int64 // bytes, the most of all rounds
	rounds    int
}

func (v *variant) perCall() float64 { return float64(v.cpu) / float64(v.rounds*calls) }

// BenchmarkProtection runs the rendered server and the unprotected one under the same load, round by round,
// and reports ratios of the server's CPU time per tools/call and of throughput.
// Aims: cpu-cached 1.05, cpu-uncached 1.45, refused-to-call 0.25 at most; throughput-default 1.2 at least.
func BenchmarkProtection(b *testing.B) {
	protected, plain := buildPair(b)
	issuer := authserver.New(authserver.Options{ServerURL: "http://localhost:3002/"})
	if err := issuer.Start(); err != nil {
		b.Fatal(err)
	}
	defer issuer.Close()
	one := mint(b, issuer)
	tokens := make([]string, calls)
	for i := range tokens {
		tokens[i] = mint(b, issuer)
	}
	cached := func(int) string { return one }
	equal := "GOGC=100"
	variants := map[string]*variant{
		"plain":    {binary: plain, env: []string{equal}, token: cached, status: 200},
		"cached":   {binary: protected, env: []string{equal}, token: cached, status: 200},
		"uncached": {binary: protected, env: []string{equal}, token: func(i int) string { return tokens[i] }, status: 200},
		"refused":  {binary: protected, env: []string{equal}, token: func(int) string { return "" }, status: 401},
		"rendered": {binary: protected, token: cached, status: 200},
	}
	for b.Loop() {
		for _, name := range []string{"plain", "cached", "uncached", "refused", "rendered"} {
			variants[name].round(b, issuer)
		}
	}
	plainCPU := variants["plain"].perCall()
	b.ReportMetric(variants["cached"].perCall()/plainCPU, "cpu-cached")
	b.ReportMetric(variants["uncached"].perCall()/plainCPU, "cpu-uncached")
	b.ReportMetric(variants["refused"].perCall()/variants["cached"].perCall(), "refused-to-call")
	b.ReportMetric(float64(variants["plain"].wall)/float64(variants["rendered"].wall), "throughput-default")
	b.ReportMetric(float64(variants["rendered"].rss)/(1<<20), "rss-MB")
	b.ReportMetric(plainCPU/1000, "plain-us/call")
}

func mint(b *testing.B, issuer *authserver.Server) string {
	b.Helper()
	token, err := issuer.Mint(nil)
	if err != nil {
		b.Fatal(err)
	}
	return token
}

// buildPair builds the golden project dev, and the unprotected server inside a copy of it.
func buildPair(b *testing.B) (protected, plain string) {
	b.Helper()
	dir := b.TempDir()
	project := filepath.Join(dir, "project")
	if err := os.CopyFS(project, os.DirFS(filepath.FromSlash("../../testdata/golden/go/dev/want"))); err != nil {
		b.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(project, "plain"), 0o700); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(project, "plain", "main.go"), []byte(unprotected), 0o600); err != nil {
		b.Fatal(err)
	}
	protected, plain = filepath.Join(dir, "protected"), filepath.Join(dir, "plain")
	for binary, pkg := range map[string]string{protected: ".", plain: "./plain"} {
		w := check.Workshop{Dir: project, Scratch: dir}
		if err := w.Run(b.Context(), templates.Step{Name: "building", Run: []string{"go", "build", "-o", binary, pkg}}); err != nil {
			b.Fatal(err)
		}
	}
	return protected, plain
}

// round starts the server, sends it all calls, and adds up what it used until it ended.
func (v *variant) round(b *testing.B, issuer *authserver.Server) {
	b.Helper()
	port, err := run.FreePort()
	if err != nil {
		b.Fatal(err)
	}
	server := exec.Command(v.binary)
	server.Dir = b.TempDir()
	server.Env = append([]string{
		"PORT=" + strconv.Itoa(port), "SK_ENV_URL=" + issuer.Environment(), "EXPECTED_AUDIENCE=" + issuer.ResourceID(), "LOG_LEVEL=info",
		fmt.Sprintf(`PROTECTED_RESOURCE_METADATA={"resource":"http://localhost:%d/","authorization_servers":[%q]}`, port, issuer.Issuer()),
	}, v.env...)
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	base := "http://127.0.0.1:" + strconv.Itoa(port)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get(base + "/health")
		if err == nil {
			resp.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			server.Process.Kill()
			b.Fatal(err)
		}
	}
	start := time.Now()
	v.load(b, base+"/")
	v.wall += time.Since(start)
	server.Process.Signal(syscall.SIGTERM)
	server.Wait()
	v.cpu += server.ProcessState.UserTime() + server.ProcessState.SystemTime()
	if usage, ok := server.ProcessState.SysUsage().(*syscall.Rusage); ok {
		v.rss = max(v.rss, usage.Maxrss<<10)
	}
	v.rounds++
}

func (v *variant) load(b *testing.B, url string) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","arguments":{"name":"Ada"}}}`
	var next, wrong atomic.Int64
	var workers sync.WaitGroup
	for range connections {
		workers.Go(func() {
			for i := next.Add(1); i <= calls; i = next.Add(1) {
				req, _ := http.NewRequest(http.MethodPost, url, bytes.NewReader([]byte(body)))
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Accept", "application/json, text/event-stream")
				if token := v.token(int(i - 1)); token != "" {
					req.Header.Set("Authorization", "Bearer "+token)
				}
				resp, err := client.Do(req)
				if err != nil || resp.StatusCode != v.status {
					wrong.Add(1)
					continue
				}
				answer, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if v.status == http.StatusOK && !bytes.Contains(answer, []byte("Hello, Ada!")) {
					wrong.Add(1)
				}
			}
		})
	}
	workers.Wait()
	if wrong.Load() > 0 {
		b.Fatalf("%s: %d of %d calls were not answered as they should be", v.binary, wrong.Load(), calls)
	}
}
