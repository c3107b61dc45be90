package gopatch

import (
	"errors"
	"go/constant"
	"go/types"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Patched returns the endpoint of a program that is patched already, as far as the constants in our package tell it.
func (s *Survey) Patched() (Endpoint, error) {
	for _, p := range s.module.Packages {
		if p.PkgPath != s.module.Path+"/"+Glue {
			continue
		}
		mcpPath, found := constantOf(p.Types, "mcpPath")
		health, kept := constantOf(p.Types, "health")
		if !found || !kept {
			break
		}
		e := Endpoint{Path: mcpPath}
		if health == "" {
			e.OwnHealth = s.Protected
		}
		if s.servesMCP() != "" {
			e.SDK = s.sdk(nil)
		}
		return e, nil
	}
	return Endpoint{}, errors.New("reading " + Glue + ": it does not tell where the MCP endpoint is")
}

func constantOf(p *types.Package, name string) (string, bool) {
	c, ok := p.Scope().Lookup(name).(*types.Const)
	if !ok || c.Val().Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(c.Val()), true
}

// guards says whether the endpoint, which the program has had, may be at a path: it needs a token then. The path is as a
// client writes it.
func (e Endpoint) guards(request string) bool {
	u, err := url.ParseRequestURI(request)
	switch {
	case err != nil:
		return true
	case len(e.Patterns) == 0:
		return u.RawPath != "" || !slices.Contains(e.Open, u.Path)
	}
	at := strings.ToLower(path.Clean("/" + u.Path))
	return slices.ContainsFunc(e.Patterns, func(pattern string) bool { return covers(pattern, at) })
}

// covers compares a path with a pattern in which * stands for one segment, and a slash at the end for all below.
func covers(pattern, at string) bool {
	whole := strings.TrimSuffix(pattern, "/")
	for ; ; at = path.Dir(at) {
		if ok, _ := path.Match(whole, strings.TrimSuffix(at, "/")); ok {
			return true
		}
		if whole == pattern || at == "/" {
			return false
		}
	}
}
