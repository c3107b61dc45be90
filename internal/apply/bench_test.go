package apply

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// BenchmarkCreate writes 35 files of 4 KiB, and has cp -r do the same after each time. The metric x/cp is the time of
// Create divided by that of cp, process start included on cp's side only.
func BenchmarkCreate(b *testing.B) {
	b.Run("Create", func(b *testing.B) {
		benchmarkCreate(b, func(dir string, p plan.Plan) error {
			_, err := Create(b.Context(), dir, p, secrets(), nil)
			return err
		})
	})
	b.Run("Modify", func(b *testing.B) {
		benchmarkCreate(b, func(dir string, p plan.Plan) error {
			if err := os.Mkdir(dir, 0o755); err != nil {
				return err
			}
			_, err := Modify(b.Context(), dir, p, secrets(), nil)
			return err
		})
	})
}

func benchmarkCreate(b *testing.B, write func(dir string, p plan.Plan) error) {
	var p plan.Plan
	for i := range 35 {
		name := fmt.Sprintf("internal/part%d/file%d.go", i%6, i)
		p.Ops = append(p.Ops, plan.Op{Action: plan.Create, Path: name, Mode: 0o644, Content: bytes.Repeat([]byte("content\n"), 512)})
	}
	dir := b.TempDir()
	var ours, theirs time.Duration
	for b.Loop() {
		made, copied := filepath.Join(dir, "made"), filepath.Join(dir, "copied")
		start := time.Now()
		if err := write(made, p); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		b.StopTimer()
		if out, err := exec.Command("cp", "-r", made, copied).CombinedOutput(); err != nil {
			b.Fatalf("cp: %v\n%s", err, out)
		}
		ours, theirs = ours+middle.Sub(start), theirs+time.Since(middle)
		for _, name := range []string{made, copied} {
			if err := os.RemoveAll(name); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(theirs), "x/cp")
}
