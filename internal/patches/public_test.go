package patches_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// asMux is a test of the patched program's own: it compares each public route with a mux that has the pattern.
const asMux = `package mcpauth

import (
	"net/http"
	"testing"
)

type marked struct{ http.Handler }

func TestAsMux(t *testing.T) {
	for i, pattern := range %#v {
		mux := http.NewServeMux()
		mux.Handle(pattern, marked{})
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "get"} {
			for _, host := range []string{"h.example", "h.example:80", "H.example", "x.example"} {
				for _, path := range []string{
					"/", "//", "/health", "/health/", "/a", "/a/", "/a/x", "/a/x/", "/a//x", "/a/../b/x", "/a/.", "/b", "/b/", "/b/x", "/b/x/", "/b/%%7Bx%%7D",
					"/b/x%%2Fy", "/c/x/d", "/c//d", "/c/x", "/e", "/e/", "/e/x", "/f", "/f/", "/F", "/%%66", "/g", "/g/", "/g/x/y", "/h/i", "/h%%2Fi", "/h",
					"/j", "/j/", "/k/", "//k/", "//k/x",
				} {
					r, err := http.NewRequest(method, "http://"+host+path, nil)
					if err != nil {
						t.Fatal(err)
					}
					handler, _ := mux.Handler(r)
					_, want := handler.(marked)
					if got := isPlain(r) && public()[i].answers(r); got != (want && r.URL.RawPath == "") {
						t.Errorf("%%q, %%s %%s%%s: %%v", pattern, method, host, path, got)
					}
				}
			}
		}
	}
}
`

// TestPublicAsMux wants patterns that are public to mean what they mean to http.ServeMux.
func TestPublicAsMux(t *testing.T) {
	t.Parallel()
	patterns := []string{"/a/", "/b/{x}", "/c/{x}/d", "/e/{$}", "/f", "/g/{x...}", "/h%2Fi", "OPTIONS /", "POST h.example/j", "//k/"}
	args := []string{"--protect", "all"}
	for _, pattern := range patterns {
		args = append(args, "--public", pattern)
	}
	c := readCase(t, filepath.FromSlash("../../testdata/patch/servemux-all.txtar"))
	dir := c.module(t)
	retrofit(t, dir, 0, args...)
	patterns = append(patterns, "GET /health")
	slices.Sort(patterns)
	write(t, dir, map[string][]byte{"internal/mcpauth/mux_test.go": fmt.Appendf(nil, asMux, patterns)})
	goRun(t, dir, "test", "./internal/mcpauth")
}
