package httprouter

import "net/http"

type (
	Param  struct{ Key, Value string }
	Handle func(http.ResponseWriter, *http.Request, []Param)
	Router struct{ NotFound http.Handler }
)

func New() *Router { return nil }

func (*Router) ServeHTTP(http.ResponseWriter, *http.Request)        {}
func (*Router) GET(string, Handle)                                  {}
func (*Router) Handler(method, path string, h http.Handler)         {}
func (*Router) HandlerFunc(method, path string, h http.HandlerFunc) {}
func (*Router) ServeFiles(path string, root http.FileSystem)        {}
