package gin

import "net/http"

type (
	Context     struct{}
	HandlerFunc func(*Context)
	RouterGroup struct{}
	Engine      struct{ RouterGroup }
	IRoutes     interface {
		GET(string, ...HandlerFunc) IRoutes
	}
)

func Default() *Engine { return nil }

func WrapH(http.Handler) HandlerFunc { return nil }

func (*Engine) ServeHTTP(http.ResponseWriter, *http.Request)        {}
func (*Engine) Run(...string) error                                 { return nil }
func (*Engine) NoRoute(...HandlerFunc)                              {}
func (*Engine) Use(...HandlerFunc) IRoutes                          { return nil }
func (*RouterGroup) GET(string, ...HandlerFunc) IRoutes             { return nil }
func (*RouterGroup) Any(string, ...HandlerFunc) IRoutes             { return nil }
func (*RouterGroup) Match([]string, string, ...HandlerFunc) IRoutes { return nil }
func (*RouterGroup) Handle(string, string, ...HandlerFunc) IRoutes  { return nil }
func (*RouterGroup) Group(string, ...HandlerFunc) *RouterGroup      { return nil }
func (*RouterGroup) Static(string, string) IRoutes                  { return nil }
