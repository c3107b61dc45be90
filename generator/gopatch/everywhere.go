package gopatch

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// CheckPublic says what is wrong with patterns of http.ServeMux that are to need no token. A program with such a pattern
// would end at its start.
func CheckPublic(patterns []string) error {
	_, err := publicMuxes(patterns)
	return err
}

// A publicRoute is a handler that can be told from those of a mux that redirect and refuse.
type publicRoute struct{ http.Handler }

// publicMuxes returns a mux for each pattern, as the patched program has: they may overlap.
func publicMuxes(patterns []string) ([]*http.ServeMux, error) {
	var muxes []*http.ServeMux
	for _, pattern := range patterns {
		mux := http.NewServeMux()
		if err := handle(mux, pattern); err != nil {
			return nil, err
		}
		muxes = append(muxes, mux)
	}
	return muxes, nil
}

// handle registers a pattern. What the mux panics with is the error.
func handle(mux *http.ServeMux, pattern string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			text, _, _ := strings.Cut(fmt.Sprint(r), "\n")
			err = fmt.Errorf("%q is not a pattern that http.ServeMux takes: %s", pattern, text)
		}
	}()
	if everyPath(pattern) {
		return fmt.Errorf("%q makes every route public", pattern)
	}
	mux.Handle(pattern, publicRoute{})
	return nil
}

// everyPath says whether a pattern has no method and no host, and takes every path.
func everyPath(pattern string) bool {
	rest, ok := strings.CutPrefix(pattern, "/")
	return ok && (rest == "" || strings.HasPrefix(rest, "{") && strings.HasSuffix(rest, "...}"))
}

// ProtectAll returns the endpoint with a token for every route of the server but the public ones and /health. The error
// is a refusal.Refusal, or says what is wrong with a pattern.
func (s *Survey) ProtectAll(server Server, e Endpoint, public []string) (Endpoint, error) {
	if e.SDK != "" {
		return Endpoint{}, &refusal.Refusal{Code: refusal.CodeMCP, Position: server.Sites[0].Position, Reason: "the program serves MCP by itself: this version protects MCP there, and no other route"}
	}
	if server.Stdio() {
		return Endpoint{}, &refusal.Refusal{Code: refusal.CodeMCP, Position: server.Sites[0].Position, Reason: "the program serves nothing but MCP: it needs a token as it is, without --protect all"}
	}
	e.All, e.Public = true, append([]string{"GET " + healthPath}, public...)
	e.Public = slices.Compact(slices.Sorted(slices.Values(e.Public)))
	if err := CheckPublic(e.Public); err != nil {
		return Endpoint{}, err
	}
	e.Preflights = s.answersPreflights(server)
	for _, r := range s.Routing(server).Routes {
		if e.NeedsToken(r.request()) {
			e.Guarded = append(e.Guarded, r)
		}
	}
	return e, nil
}

// request is one that the route answers: of its first method, to a path like that of its pattern.
func (r Route) request() (method, host, path string) {
	method, path = http.MethodGet, r.Example()
	if len(r.Methods) > 0 {
		method = r.Methods[0]
	}
	if r.Below && path != "/" {
		path += "/"
	}
	return method, r.Host, path
}
