package gopatch_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/textdiff"
)

const (
	largePackages = 160
	largeTypes    = 20 // in each
)

// large writes a module of 100,000 lines: packages with routes, a store and helpers, and a program that serves them all.
func large(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	write := func(name, text string) int {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		return strings.Count(text, "\n")
	}
	write("go.mod", "module example.com/large\n\ngo 1.25.0\n")
	var imports, calls strings.Builder
	total := 0
	for i := range largePackages {
		total += write(fmt.Sprintf("p%d/p%d.go", i, i), largePackage(i))
		fmt.Fprintf(&imports, "\t\"example.com/large/p%d\"\n", i)
		fmt.Fprintf(&calls, "\tp%d.Register(mux, logged)\n", i)
	}
	total += write("main.go", "package main\n\nimport (\n\t\"log\"\n\t\"net/http\"\n\n"+imports.String()+")\n\nfunc main() {\n\tmux := http.NewServeMux()\n"+calls.String()+
		"\tsrv := &http.Server{Addr: \":8080\", Handler: logged(mux)}\n\tlog.Fatal(srv.ListenAndServe())\n}\n\n"+
		"func logged(next http.Handler) http.Handler {\n\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n\t\tlog.Print(r.URL)\n\t\tnext.ServeHTTP(w, r)\n\t})\n}\n")
	if total < 100_000 {
		b.Fatalf("%d lines", total)
	}
	return dir
}

func largePackage(i int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "package p%d\n\nimport (\n\t\"encoding/json\"\n\t\"errors\"\n\t\"net/http\"\n\t\"sync\"\n)\n\nvar errMissing = errors.New(\"missing\")\n\n", i)
	fmt.Fprintf(&s, "func Register(mux *http.ServeMux, wrap func(http.Handler) http.Handler) {\n")
	for t := range largeTypes {
		fmt.Fprintf(&s, "\tstore%d := NewStore%d()\n\tmux.Handle(\"GET /p%d/t%d/{id}\", wrap(http.HandlerFunc(store%d.serve)))\n", t, t, i, t, t)
	}
	s.WriteString("}\n")
	for t := range largeTypes {
		s.WriteString(strings.ReplaceAll(largeType, "#", fmt.Sprint(t)))
	}
	return s.String()
}

const largeType = `
// Item# is what Store# holds.
type Item# struct {
	ID   string
	Name string
}

type Store# struct {
	mu    sync.Mutex
	items map[string]Item#
}

func NewStore#() *Store# { return &Store#{items: make(map[string]Item#)} }

func (s *Store#) serve(w http.ResponseWriter, r *http.Request) {
	item, err := s.find(r.PathValue("id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	json.NewEncoder(w).Encode(item)
}

func (s *Store#) find(id string) (Item#, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, ok := s.items[id]
	if !ok {
		return Item#{}, errMissing
	}
	return item, nil
}
`

// BenchmarkLargeModule compares the way from source to diff with a go build that has nothing to do, both with warm
// caches, turn by turn. Aim for budget-used: at most 1, where the budget is two builds and one second.
func BenchmarkLargeModule(b *testing.B) {
	dir := large(b)
	noop(b, dir)
	var ours, theirs, loading time.Duration
	for b.Loop() {
		theirs += noop(b, dir)
		start := time.Now()
		m, err := gosource.Load(b.Context(), dir)
		if err != nil {
			b.Fatal(err)
		}
		loading += time.Since(start)
		survey := gopatch.Find(m)
		server, err := survey.Choose("")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := survey.Endpoint(server, ""); err != nil {
			b.Fatal(err)
		}
		patch, err := survey.Patch(server)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := textdiff.Plan(os.DirFS(dir), changeOf(patch)); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
	}
	n := time.Duration(b.N)
	b.ReportMetric((theirs / n).Seconds(), "build-s")
	b.ReportMetric((loading / n).Seconds(), "load-s")
	b.ReportMetric((ours / n).Seconds(), "diff-s")
	b.ReportMetric(float64(ours)/float64(2*theirs+n*time.Second), "budget-used")
}

func changeOf(patch gopatch.Patch) plan.Plan {
	var p plan.Plan
	for _, f := range patch.Files {
		prior := plan.Sum(f.Before)
		p.Ops = append(p.Ops, plan.Op{Action: plan.Overwrite, Path: f.Path, Mode: 0o644, Content: f.After, Prior: &prior})
	}
	return p
}

func noop(b *testing.B, dir string) time.Duration {
	b.Helper()
	start := time.Now()
	c := exec.Command("go", "build", "./...")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return time.Since(start)
}
