package patches_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// stubborn is a program that takes no port, has a /health and a page at /, and reads a file of its directory.
const stubborn = `package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		page, _ := os.ReadFile("page.html")
		w.Write(page)
	})
	http.ListenAndServe("127.0.0.1:%d", nil)
}
`

// TestVerifyAtThePortThatTheProgramHas checks what can be checked of a program of which only one can run, and writes.
func TestVerifyAtThePortThatTheProgramHas(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), runtest.Port(t)
	for name, text := range map[string]string{
		"go.mod": "module example.com/app\n\ngo 1.25.0\n", "main.go": fmt.Sprintf(stubborn, port), "page.html": "<p>hello",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"--verify", "--json"}
	if runtime.GOOS != "linux" { // where nothing tells at which port the program listens
		args = append(args, "--run-url", fmt.Sprintf("http://127.0.0.1:%d", port))
	}
	before := tree(t, dir)
	stdout, said := retrofit(t, dir, 0, args...)
	var document struct {
		Result string
		Verify struct {
			Movable bool
			Routes  struct {
				Rows []struct{ Path, Verdict, Position string }
			}
			Contract struct {
				URL     string
				Results []struct{ ID, Status string }
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &document); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	found := document.Verify
	if document.Result != "patched" || found.Movable || found.Contract.URL != fmt.Sprintf("http://127.0.0.1:%d/mcp", port) || !strings.Contains(said, "whatever PORT says") {
		t.Errorf("%s, movable: %v, at %s: %s", document.Result, found.Movable, found.Contract.URL, said)
	}
	asked := make(map[string]bool)
	for _, row := range found.Routes.Rows {
		asked[row.Path] = true
		if row.Verdict != "identical" {
			t.Errorf("%+v", row)
		}
	}
	if !asked["/"] || !asked["/health"] || asked["/mcp"] {
		t.Errorf("asked %v", asked)
	}
	for _, result := range found.Contract.Results {
		if result.Status == "fail" || result.ID == "C3" && result.Status != "pass" || result.ID == "C9" && result.Status != "skip" {
			t.Errorf("%+v", result)
		}
	}
	stdout, said = retrofit(t, dir, 0, args...) // once more, now that it is patched
	if !strings.Contains(stdout, `"result": "unchanged"`) || !strings.Contains(stdout, `"id": "C20"`) || strings.Contains(stdout, `"status": "fail"`) {
		t.Errorf("got %s%s", stdout, said)
	}
	retrofit(t, dir, 0, "--undo")
	if err := golden.Compare(tree(t, dir), before); err != nil {
		t.Errorf("--undo: %v", err)
	}
}
