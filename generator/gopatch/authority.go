package gopatch

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/packages"
)

// ownLogin refuses programs whose business is logins, unless a server was chosen by name: those that issue tokens
// themselves, and those that ask everybody for a password unless they are told not to.
func (s *Survey) ownLogin(services []Server) *refusal.Refusal {
	for _, server := range services {
		for _, r := range s.Routing(server).Routes {
			if issues(r.Path) {
				s.issuer = cmp.Or(s.issuer, r.Position)
			}
		}
	}
	if s.issuer != "" {
		return &refusal.Refusal{
			Code: refusal.CodeAuth, Position: s.issuer, Reason: "the program is an authorization server of its own: it answers this; choose a server if you want MCP beside that:", ByHand: s.list(),
		}
	}
	if s.basicAuth && s.openSwitch != "" {
		return &refusal.Refusal{
			Code: refusal.CodeAuth, Position: s.openSwitch, Reason: "the program asks for a password on every request unless this is set, in the header that MCP clients send their token in; choose a server if you want MCP beside that:", ByHand: s.list(),
		}
	}
	return nil
}

// issues says whether a path is one at which authorization servers issue tokens or publish the keys of those: RFC 6749
// sections 3.1 and 3.2, RFC 8414 section 3, OpenID Connect Discovery section 4.
func issues(path string) bool {
	path = strings.TrimSuffix(path, "/")
	return slices.ContainsFunc(strings.Fields(
		"/.well-known/openid-configuration /.well-known/oauth-authorization-server /jwks /jwks.json /oauth/token /oauth2/token /oauth/authorize /oauth2/authorize",
	), func(end string) bool { return strings.HasSuffix(path, end) })
}

// issuing notes a route of an authorization server where the router is not known: a path given to what is named after a
// method of HTTP.
func (f *finder) issuing(p *packages.Package, call *ast.CallExpr, fn *types.Func) {
	if len(call.Args) == 0 || !slices.Contains([]string{"get", "post", "handle", "handlefunc"}, strings.ToLower(fn.Name())) {
		return
	}
	if path := p.TypesInfo.Types[call.Args[0]].Value; path != nil && path.Kind() == constant.String && issues(constant.StringVal(path)) && strings.HasPrefix(constant.StringVal(path), "/") {
		f.survey.issuer = cmp.Or(f.survey.issuer, f.module.Position(call.Pos()))
	}
}

// login notes what tells a program that asks for passwords by itself: that it reads them, and a switch against it.
func (f *finder) login(p *packages.Package, id *ast.Ident) {
	switch o := p.TypesInfo.ObjectOf(id).(type) {
	case *types.Func:
		if o.Name() == "BasicAuth" && o.FullName() == "(*net/http.Request).BasicAuth" {
			f.survey.basicAuth = true
		}
	case *types.Var:
		basic, ok := o.Type().Underlying().(*types.Basic)
		if ok && basic.Kind() == types.Bool && slices.Contains([]string{"noauth", "disableauth"}, strings.ToLower(strings.ReplaceAll(o.Name(), "_", ""))) {
			f.survey.openSwitch = f.module.Position(o.Pos())
		}
	}
}
