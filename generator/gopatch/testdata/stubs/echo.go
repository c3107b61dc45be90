package echo

import "net/http"

type (
	Context        interface{}
	HandlerFunc    func(Context) error
	MiddlewareFunc func(HandlerFunc) HandlerFunc
	Echo           struct{}
	Group          struct{}
)

func New() *Echo { return nil }

func WrapHandler(http.Handler) HandlerFunc { return nil }

func (*Echo) Start(string) error                                          { return nil }
func (*Echo) Shutdown(any) error                                          { return nil }
func (*Echo) Use(...MiddlewareFunc)                                       {}
func (*Echo) Pre(...MiddlewareFunc)                                       {}
func (*Echo) GET(string, HandlerFunc, ...MiddlewareFunc)                  {}
func (*Echo) Add(method, path string, h HandlerFunc, m ...MiddlewareFunc) {}
func (*Echo) Static(prefix, root string)                                  {}
func (*Echo) Group(string, ...MiddlewareFunc) *Group                      { return nil }
func (*Group) POST(string, HandlerFunc, ...MiddlewareFunc)                {}
func (*Group) Group(string, ...MiddlewareFunc) *Group                     { return nil }
