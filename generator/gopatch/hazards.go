package gopatch

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Hazard is something in the program that the endpoint meets, and what to do about it.
type Hazard struct {
	Position string // file:line
	Text     string
}

func (h Hazard) String() string { return h.Position + ": " + h.Text }

// maxHeader is what the endpoint's requests have to fit into: a token of 8 KiB and what stands beside it.
const maxHeader = 12 << 10

// Hazards returns what can hurt the endpoint of a server, or what people may take to be in force there. Middleware is
// behind the endpoint: nothing that it hides or limits does any harm.
func (s *Survey) Hazards(server Server, e Endpoint) []Hazard {
	var found []Hazard
	add := func(pos token.Pos, format string, args ...any) {
		if h := (Hazard{s.module.Position(pos), fmt.Sprintf(format, args...)}); !slices.Contains(found, h) {
			found = append(found, h)
		}
	}
	for _, field := range s.flow.fields(server) {
		switch value, constant := intOf(field); {
		case field.name == "WriteTimeout" && (!constant || value > 0):
			add(field.expr.Pos(), "WriteTimeout does not end calls of MCP: the endpoint lifts the deadline for them, and for nothing else")
		case field.name == "MaxHeaderBytes" && constant && value > 0 && value < maxHeader:
			add(field.expr.Pos(), "MaxHeaderBytes of %d refuses access tokens that are longer: set %d at least", value, maxHeader)
		}
	}
	if site, small := s.smallBuffer(server); small {
		add(site.node.Pos(), "fiber refuses headers that do not fit into its ReadBufferSize, 4096 bytes unless it is set: for long access tokens, set %d", maxHeader)
	}
	for _, pos := range s.before(server) {
		add(pos, "what echo runs before it looks for a route stays in front of MCP, and what it refuses or rewrites is so there too: with Use in place of Pre it is behind")
	}
	if pos := s.clientCertificates(); pos.IsValid() {
		add(pos, "where clients have to show a certificate, those of MCP cannot: they have none, and need a proxy in front that has")
	}
	if pos := s.cors(); pos.IsValid() {
		add(pos, "CORS as it is set here does not hold for MCP: %s names the origins whose pages may call it", e.setting("ALLOWED_ORIGINS"))
	}
	return found
}

// before returns where an Echo that serves is given what it runs before it looks for a route.
func (s *Survey) before(server Server) []token.Pos {
	var found []token.Pos
	for _, site := range server.Sites {
		if kind := site.wrapper(); kind != WrapEcho4 && kind != WrapEcho5 {
			continue
		}
		served := s.flow.origins(source{pkg: site.pkg, expr: site.handler})
		for _, c := range s.flow.calls {
			sel, ok := ast.Unparen(c.call.Fun).(*ast.SelectorExpr)
			if !ok || localName(c.fn) != "Echo.Pre" || pathOf(c.fn) != site.router.path {
				continue
			}
			on := s.flow.origins(s.flow.receiver(source{pkg: c.pkg}, sel))
			if slices.ContainsFunc(on, func(o origin) bool { return made(served, o) }) {
				found = append(found, c.call.Pos())
			}
		}
	}
	return found
}

// made says whether an origin is among those of a value.
func made(list []origin, o origin) bool {
	return slices.ContainsFunc(list, func(other origin) bool { return other.made() == o.made() })
}

// smallBuffer returns the site of fiber whose buffer for headers does not hold the longest tokens.
func (s *Survey) smallBuffer(server Server) (Site, bool) {
	for _, site := range server.Sites {
		if kind := site.wrapper(); kind == WrapFiber2 || kind == WrapFiber3 {
			return site, !s.flow.setsBuffer()
		}
	}
	return Site{}, false
}

// setsBuffer says whether the program gives fiber a buffer that is large enough, or one whose size is not known.
func (f *flow) setsBuffer() bool {
	for o, given := range f.given {
		if o.Name() != "ReadBufferSize" || o.Pkg() == nil || !strings.HasPrefix(o.Pkg().Path(), "github.com/gofiber/fiber/") {
			continue
		}
		for _, from := range given {
			if size, constant := intOf(setField{source: from}); !constant || size >= maxHeader {
				return true
			}
		}
	}
	return false
}

// clientCertificates returns where TLS is told to ask for certificates and to insist.
func (s *Survey) clientCertificates() token.Pos {
	first := token.NoPos
	for o, given := range s.flow.given {
		if o.Name() != "ClientAuth" || o.Pkg() == nil || o.Pkg().Path() != "crypto/tls" {
			continue
		}
		for _, from := range given {
			if sel, ok := ast.Unparen(from.expr).(*ast.SelectorExpr); ok && slices.Contains([]string{"RequireAnyClientCert", "RequireAndVerifyClientCert"}, sel.Sel.Name) {
				if pos := from.expr.Pos(); !first.IsValid() || pos < first {
					first = pos
				}
			}
		}
	}
	return first
}

// cors returns where the program first sets up CORS; no position if it does not.
func (s *Survey) cors() token.Pos {
	for _, c := range s.flow.calls {
		if setsCORS(c) {
			return c.call.Pos()
		}
	}
	return token.NoPos
}

func setsCORS(c called) bool {
	path := pathOf(c.fn)
	switch {
	case path == "github.com/rs/cors", path == "github.com/go-chi/cors", path == "github.com/gin-contrib/cors",
		strings.HasPrefix(path, "github.com/gofiber/fiber/") && strings.HasSuffix(path, "/middleware/cors"):
		return true
	case path == "github.com/gorilla/handlers", strings.HasPrefix(path, "github.com/labstack/echo/"):
		return strings.HasPrefix(c.fn.Name(), "CORS")
	case path == "net/http" && (c.fn.Name() == "Set" || c.fn.Name() == "Add") && len(c.call.Args) > 0:
		return isString(c.pkg.TypesInfo, c.call.Args[0], "Access-Control-Allow-Origin")
	}
	return false
}

func isString(info *types.Info, expr ast.Expr, want string) bool {
	value := info.Types[expr].Value
	return value != nil && value.Kind() == constant.String && strings.EqualFold(constant.StringVal(value), want)
}
