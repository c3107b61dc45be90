package report_test

import (
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/replay"
	"github.com/mcpauth/mcpauth/internal/report"
)

func patched() report.Retrofit {
	prior := plan.Sum([]byte("before"))
	found := outcome()
	row := replay.Row{Request: replay.Request{Method: "GET", Path: "/a|b", Route: "/{x}", Position: "main.go:1"}, Verdict: replay.Differs}
	row.Fields = []replay.Field{{Name: "header X", Before: "```", After: "<script>"}}
	return report.Retrofit{
		Result: "nothing was written: <b>", Version: "1.0", TemplateVersion: 7, Module: "example.com/a_b", Program: "example.com/a_b/cmd",
		Server: "main.go:9", Why: "the only one", Endpoint: "/mcp", Health: "/health is the endpoint's", Undo: "mcpauth retrofit 'a b' --undo",
		Change: plan.Plan{
			Ops:   []plan.Op{{Action: plan.Overwrite, Path: "main.go", Content: []byte("after"), Prior: &prior, Reason: "1 | 2"}},
			Notes: []string{"a *note*"},
		},
		Commands: []report.Command{{Line: "go build ./...", Code: 0}},
		Routes: &replay.Table{
			Rows: []replay.Row{
				row,
				{Request: replay.Request{Method: "GET", Path: "/now", Route: "/now"}, Verdict: replay.Varies, Fields: []replay.Field{{Name: "body", Before: "1", After: "2"}}},
				{Request: replay.Request{Method: "GET", Path: "/old", Route: "/old"}, Verdict: replay.Announced, Fields: []replay.Field{{Name: "status", Before: "200", After: "401"}}},
				{Request: replay.Request{Method: "GET", Path: "/stranger"}, Verdict: replay.Identical},
			},
			Added: []replay.Field{{Name: "/mcp", Before: "404", After: "401"}},
		},
		Contract: &found,
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	got := string(patched().Markdown())
	for _, want := range []string{
		"- Result: nothing was written: \\<b\\>\n",
		"- Made by: mcpauth 1.0, template version 7\n",
		"- To take it back: `mcpauth retrofit 'a b' --undo`\n",
		"- Note: a \\*note\\*\n",
		"| `main.go` | overwrite | `sha256:" + plan.Sum([]byte("before")).String()[7:19] + "` | `sha256:" + plan.Sum([]byte("after")).String()[7:19] + "` | 1 \\| 2 |\n",
		"| `go build ./...` | 0 |\n",
		"| `GET /a\\|b` | `/{x}` main.go:1 | differs |\n",
		"| `GET /now` | `/now`  | varies by itself in body |\n",
		"| `GET /old` | `/old`  | 200 → 401, as announced |\n",
		"| `GET /mcp` | added | 404 → 401 |\n",
		"\n````text\nGET /a|b (main.go:1): differs\n  header X: ``` → <script>\n````\n",
		"| C2 | fail | two, with: signs |\n",
		"fix       do that\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "stranger") || strings.ContainsAny(got, "\x1b\r\x00") {
		t.Errorf("got %q", got)
	}
	if again := string(patched().Markdown()); again != got {
		t.Error("two reports differ")
	}
}

func TestMarkdownOfAPatchThatWasNotRun(t *testing.T) {
	t.Parallel()
	r := patched()
	r.Routes, r.Contract = nil, nil
	if got := string(r.Markdown()); !strings.Contains(got, "The program was not run") || strings.Contains(got, "C1") {
		t.Errorf("got %s", got)
	}
}
