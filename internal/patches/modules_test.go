package patches_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoLineMoves wants everything said that a newer go line changes in the meaning of code that stays as it is.
func TestGoLineMoves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string][]byte{
		"go.mod": []byte("module example.com/app\n\ngo 1.15\n"),
		"main.go": []byte(`package main

import (
	"fmt"
	"net/http"
)

func main() {
	for i := 0; i < 3; i++ {
		go func() { fmt.Printf("%d\n", "no number") }()
		defer func() { fmt.Println(i) }()
	}
	for i := 0; i < 3; i++ {
		fmt.Println(i)
	}
	http.ListenAndServe("127.0.0.1:8080", nil)
}
`),
	})
	_, said := retrofit(t, dir, 0, "--allow-upgrades", "--dry-run")
	for _, want := range []string{
		"Note: go.mod: go 1.15 → 1.25.0.",
		"go.mod: new are github.com/golang-jwt/jwt/v5 v5.3.1, ",
		"with go 1.22 and later each round of a loop",
		"with go 1.25 and later GOMAXPROCS",
		"now holds that round's variable: main.go:9.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("said\n%swant %q", said, want)
		}
	}
}

// TestVetAsBefore patches a program of which vet complains as it is, and refuses nothing for it.
func TestVetAsBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string][]byte{
		"go.mod": []byte("module example.com/app\n\ngo 1.25.0\n"),
		"main.go": []byte(`package main

import (
	"fmt"
	"net/http"
)

func main() {
	fmt.Printf("%d\n", "no number")
	http.ListenAndServe("127.0.0.1:8080", nil)
}
`),
	})
	retrofit(t, dir, 0)
	if _, err := os.Stat(filepath.Join(dir, "mcpauth_main.go")); err != nil {
		t.Error(err)
	}
}
