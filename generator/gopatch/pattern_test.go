package gopatch

import "testing"

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path   string
		syntax syntax
		yes    []string
		no     []string
	}{
		{"/mcp", standard, []string{"/mcp", "/mcp/"}, []string{"/", "/mcp/a", "/mcpx"}},
		{"/mcp/", standard, []string{"/mcp", "/mcp/", "/mcp/a/b"}, []string{"/", "/mcpx"}},
		{"/", standard, []string{"/", "/mcp"}, nil},
		{"/{$}", standard, []string{"/"}, []string{"/mcp"}},
		{"/a/{$}", standard, []string{"/a", "/a/"}, []string{"/a/b"}},
		{"/{room}", standard, []string{"/mcp"}, []string{"/", "/a/b"}},
		{"/{owner}/{repo}", standard, []string{"/.well-known/oauth-protected-resource"}, []string{"/mcp"}},
		{"/{rest...}", standard, []string{"/", "/a", "/a/b"}, nil},
		{"/a/{rest...}", standard, []string{"/a", "/a/b/c"}, []string{"/b"}},
		{"/a/", braces, []string{"/a", "/a/"}, []string{"/a/b"}},
		{"/{id:[0-9]+}", braces, []string{"/1"}, []string{"/1/2"}},
		{"/{name}.svg", braces, []string{"/x.svg"}, []string{"/a/x.svg"}},
		{"/{rest:.*}", braces, []string{"/a", "/a/b"}, nil},
		{"/{rest:[a-z/]+}/x", braces, []string{"/a/b/x"}, nil},
		{"/files/*", braces, []string{"/files", "/files/a/b"}, []string{"/file"}},
		{"/", braces, []string{"/"}, []string{"/a"}},
		{"/stat", wholeTree, []string{"/stat", "/static", "/static/a"}, []string{"/sta", "/"}},
		{"/stat/", wholeTree, []string{"/stat", "/stat/a"}, []string{"/static"}},
		{"/:id", colons, []string{"/1"}, []string{"/", "/1/2"}},
		{"/a/:id?", colons, []string{"/a", "/a/1"}, []string{"/b"}},
		{"/a/*rest", colons, []string{"/a", "/a/b/c"}, []string{"/b"}},
		{"*", colons, []string{"/", "/a"}, nil},
	} {
		p := parsePattern(tc.path, tc.syntax)
		for _, path := range tc.yes {
			if !p.matches(path) {
				t.Errorf("%s does not match %s", tc.path, path)
			}
		}
		for _, path := range tc.no {
			if p.matches(path) {
				t.Errorf("%s matches %s", tc.path, path)
			}
		}
	}
}
