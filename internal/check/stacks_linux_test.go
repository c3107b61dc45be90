package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/mcpauth/mcpauth/templates"
)

// BenchmarkStacks puts one load on the golden project dev of every stack, as each is rendered, a few calls in turn: calls a
// second and the server's CPU time a call, both as ratios to the Go server.
func BenchmarkStacks(b *testing.B) {
	issuer := authserver.New(authserver.Options{ServerURL: "http://localhost:3002/"})
	if err := issuer.Start(); err != nil {
		b.Fatal(err)
	}
	defer issuer.Close()
	token := mint(b, issuer)
	loads := make(map[string]*load)
	for _, stack := range templates.Names() {
		l := &load{command: startCommand(b, stack), token: func(int) string { return token }, status: 200}
		l.start(b, issuer)
		l.send(b, calls) // warm
		loads[stack] = l
	}
	for b.Loop() {
		for range rounds {
			for _, stack := range templates.Names() {
				loads[stack].round(b)
			}
		}
	}
	for _, stack := range templates.Names() {
		l := loads[stack]
		b.ReportMetric(ratio(loads[templates.Default], l, func(l *load) []float64 { return l.wall }), stack+"-calls/s")
		b.ReportMetric(ratio(l, loads[templates.Default], func(l *load) []float64 { return l.cpu }), stack+"-cpu/call")
		l.stop(b)
		b.ReportMetric(float64(l.rss)/(1<<20), stack+"-MB")
	}
}

// startCommand builds the golden project dev of the stack and returns the command that starts its server.
func startCommand(b *testing.B, stack string) []string {
	b.Helper()
	p, err := project.Load(filepath.Join(filepath.FromSlash("../../testdata/golden"), stack, "dev", "want"))
	if err != nil {
		b.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		b.Fatal(err)
	}
	w, err := check.Workshop{Stack: p.Stack, Dir: p.Dir, Scratch: b.TempDir()}.Keep(b.Context(), cache, silent)
	if err == nil {
		err = w.Build(b.Context(), p.Stack.Build, silent)
	}
	if err != nil {
		b.Fatal(err)
	}
	return w.Command(p.Stack.Start)
}
