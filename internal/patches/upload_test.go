package patches_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
)

// uploads is a program that keeps files of forms on disk, and says how many there are.
const uploads = `package main

import (
	"fmt"
	"net/http"
	"os"
IMPORTS
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/upload/", upload)
	ROUTES
	http.ListenAndServe(os.Getenv("HOST")+":"+os.Getenv("PORT"), mux)
}

func upload(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(1); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	files, _ := os.ReadDir(os.TempDir())
	fmt.Fprint(w, len(files))
}
`

// TestPatchedUploads wants nothing of a form to stay on disk when a request is over that the guard lets through.
func TestPatchedUploads(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		module, imports, routes string
		args                    []string
	}{
		"every route": {"", "", "", []string{"--protect", "all"}},
		"MCP anywhere": {
			"gosdk12", "\n\t\"github.com/modelcontextprotocol/go-sdk/mcp\"",
			`s := mcp.NewServer(&mcp.Implementation{Name: "app", Version: "1"}, nil)
	mux.Handle("/", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil))`, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := strings.NewReplacer("IMPORTS", tc.imports, "ROUTES", tc.routes).Replace(uploads)
			files := map[string][]byte{"main.go": []byte(source), "go.mod": []byte("module example.com/app\n\ngo 1.25.0\n")}
			if tc.module != "" {
				maps.Copy(files, tree(t, filepath.Join("..", "..", "testdata", "patch", "modules", tc.module)))
			}
			dir := t.TempDir()
			write(t, dir, files)
			retrofit(t, dir, 0, tc.args...)
			binary, temporary := filepath.Join(t.TempDir(), "server.exe"), t.TempDir()
			goRun(t, dir, "build", "-o", binary, ".")
			environment := run.Environment(os.Environ(), []string{"TMPDIR=" + temporary, "TMP=" + temporary})
			target, err := stand.Server{Path: binary, Dir: t.TempDir(), Env: environment, MCPPath: "/"}.Target(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer target.Close()
			token, err := target.Issuer.Mint(nil)
			if err != nil {
				t.Fatal(err)
			}
			if during := post(t, target.URL+"upload/a", token); during != "1" {
				t.Fatalf("%s files during the request, want one", during)
			}
			awaitEmpty(t, temporary)
		})
	}
}

// post sends a form with a file, and returns the answer.
func post(t *testing.T, url, token string) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "a.bin")
	if err == nil {
		_, err = part.Write(make([]byte, 64<<10))
	}
	if err = errors.Join(err, form.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %v", answer.Status, text, err)
	}
	return string(text)
}

// awaitEmpty waits for the files in a directory to go: a request may be over a little later than its answer.
func awaitEmpty(t *testing.T, dir string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(run.DefaultStartTimeout)
	for {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s is left", files[0].Name())
		}
	}
}
