package gopatch_test

import (
	"fmt"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
)

func TestPublicRoutes(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"/a":                   `{"" "" ["a"] false}`,
		"/a/":                  `{"" "" ["a"] true}`,
		"/a/{$}":               `{"" "" ["a" ""] false}`,
		"/{$}":                 `{"" "" [""] false}`,
		"OPTIONS /":            `{"OPTIONS" "" [] true}`,
		"GET \t/a/{x}/b":       `{"GET" "" ["a" "{}" "b"] false}`,
		"/a/{x...}":            `{"" "" ["a"] true}`,
		"POST h.example/a%2Fb": `{"POST" "h.example" ["a/b"] false}`,
		"/a//b":                `{"" "" ["a" "" "b"] false}`,
		"/a/../b":              `{"" "" ["a" ".." "b"] false}`,
	} {
		if err := gopatch.CheckPublic([]string{pattern}); err != nil {
			t.Error(err)
		}
		got := gopatch.Endpoint{Public: []string{pattern}}.PublicRoutes()
		if text := fmt.Sprintf("{%q %q %q %t}", got[0].Method, got[0].Host, got[0].Segments, got[0].Below); text != want {
			t.Errorf("%q: got %s, want %s", pattern, text, want)
		}
	}
}
