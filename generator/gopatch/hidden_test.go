package gopatch_test

import (
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

func TestHiddenServers(t *testing.T) {
	t.Parallel()
	const serving = "package main\n\nimport h \"net/http\"\n\nfunc serve() { h.ListenAndServe(\"\", nil) }\n"
	for name, tc := range map[string]struct{ hidden, code, position string }{
		"tags":      {"//go:build prod\n\n" + serving, refusal.CodeTags, "other.go:7"},
		"name":      {serving, refusal.CodeTags, "other.go:5"},
		"cgo":       {strings.Replace(serving, "import", "import \"C\"\nimport", 1), refusal.CodeCgo, "other.go:6"},
		"nothing":   {"package main\n\nimport \"net/http\"\n\nvar _ http.Handler\n", refusal.CodeNone, ""},
		"no parser": {"package main\n\nimport \"net/http\" func", refusal.CodeNone, ""},
		"not HTTP":  {strings.Replace(serving, "net/http", "net/rpc", 1), refusal.CodeNone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, ok := single(t, []byte("package main\n\nfunc main() {}\n"))
			if !ok {
				t.Fatal("does not parse")
			}
			m.Hidden = map[string][]byte{"/m/other.go": []byte(tc.hidden)}
			_, err := gopatch.Find(m).Choose("")
			r, ok := err.(*refusal.Refusal)
			if !ok || r.Code != tc.code || r.Position != tc.position {
				t.Errorf("%v, want %s at %q", err, tc.code, tc.position)
			}
		})
	}
}
