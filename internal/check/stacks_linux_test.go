package check_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/project"
	"github.com/mcpauth/mcpauth/templates"
)

// BenchmarkStacks puts one load on a project of every stack, made of the same answers, a few calls in turn: calls a
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

// startCommand renders a project of the stack with the answers of the golden project dev, builds it, and returns the
// command that starts its server.
func startCommand(b *testing.B, name string) []string {
	b.Helper()
	dev, err := project.Load(filepath.FromSlash("../../testdata/golden/go/dev/want"))
	if err != nil {
		b.Fatal(err)
	}
	rendered, err := generator.Create(name, dev.Config)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for _, op := range rendered.Ops {
		file := filepath.Join(dir, filepath.FromSlash(op.Path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, op.Content, op.Mode)); err != nil {
			b.Fatal(err)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		b.Fatal(err)
	}
	stack, err := templates.Load(name)
	if err != nil {
		b.Fatal(err)
	}
	w, err := check.Workshop{Stack: stack, Dir: dir, Scratch: b.TempDir()}.Keep(b.Context(), cache, silent)
	if err == nil {
		err = w.Build(b.Context(), stack.Build, silent)
	}
	if err != nil {
		b.Fatal(err)
	}
	return w.Command(stack.Start)
}
