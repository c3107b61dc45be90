package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// build builds a Go package or file without cgo, stripped, as releases are.
func build(b *testing.B, pkg string) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "binary.exe")
	c := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, pkg)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("building %s: %v\n%s", pkg, err, out)
	}
	return binary
}

// took runs a command to its end.
func took(b *testing.B, name string, args ...string) time.Duration {
	b.Helper()
	start := time.Now()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		b.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return time.Since(start)
}

// BenchmarkHelp compares mcpauth --help with a program that prints one line, turn by turn. Aim: at most 2.
func BenchmarkHelp(b *testing.B) {
	hello := filepath.Join(b.TempDir(), "hello.go")
	if err := os.WriteFile(hello, []byte("package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	tool, base := build(b, "./mcpauth"), build(b, hello)
	var ours, theirs time.Duration
	for b.Loop() {
		ours += took(b, tool, "--help")
		theirs += took(b, base)
	}
	b.ReportMetric(float64(ours)/float64(theirs), "ratio-to-hello")
}

// BenchmarkInit compares mcpauth init with cp -r of what it writes, turn by turn. Aim: at most 3.
func BenchmarkInit(b *testing.B) {
	tool, dir := build(b, "./mcpauth"), b.TempDir()
	model := filepath.Join(dir, "model")
	took(b, tool, "init", model, "--dev")
	var ours, theirs time.Duration
	for i := 0; b.Loop(); i++ {
		n := strconv.Itoa(i)
		ours += took(b, tool, "init", filepath.Join(dir, "init"+n), "--dev")
		theirs += took(b, "cp", "-r", model, filepath.Join(dir, "cp"+n))
	}
	b.ReportMetric(float64(ours)/float64(theirs), "ratio-to-cp")
}

// BenchmarkVerifyStart compares verify --start of the default project with go build of it, both with warm caches, turn by
// turn. Aim for budget-used: at most 1, where the budget is three builds and ten seconds.
func BenchmarkVerifyStart(b *testing.B) {
	tool, dir := build(b, "./mcpauth"), filepath.Join(b.TempDir(), "my-server")
	took(b, tool, "init", dir, "--dev", "--yes")
	binary := filepath.Join(b.TempDir(), "server.exe")
	took(b, "go", "build", "-C", dir, "-o", binary, ".")
	var ours, theirs time.Duration
	for b.Loop() {
		theirs += took(b, "go", "build", "-C", dir, "-o", binary, ".")
		ours += took(b, tool, "verify", "--start", dir)
	}
	n := time.Duration(b.N)
	b.ReportMetric((theirs / n).Seconds(), "build-s")
	b.ReportMetric((ours / n).Seconds(), "verify-s")
	b.ReportMetric(float64(ours)/float64(3*theirs+n*10*time.Second), "budget-used")
}
