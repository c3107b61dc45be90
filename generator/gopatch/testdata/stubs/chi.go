package chi

import "net/http"

type Router interface {
	http.Handler
	Use(middlewares ...func(http.Handler) http.Handler)
	With(middlewares ...func(http.Handler) http.Handler) Router
	Group(fn func(r Router)) Router
	Route(pattern string, fn func(r Router)) Router
	Mount(pattern string, h http.Handler)
	Handle(pattern string, h http.Handler)
	HandleFunc(pattern string, h http.HandlerFunc)
	Method(method, pattern string, h http.Handler)
	Get(pattern string, h http.HandlerFunc)
	Post(pattern string, h http.HandlerFunc)
	NotFound(h http.HandlerFunc)
}

type Mux struct{}

func NewRouter() *Mux { return nil }

func (*Mux) ServeHTTP(http.ResponseWriter, *http.Request)   {}
func (*Mux) Use(...func(http.Handler) http.Handler)         {}
func (*Mux) With(...func(http.Handler) http.Handler) Router { return nil }
func (*Mux) Group(func(r Router)) Router                    { return nil }
func (*Mux) Route(string, func(r Router)) Router            { return nil }
func (*Mux) Mount(string, http.Handler)                     {}
func (*Mux) Handle(string, http.Handler)                    {}
func (*Mux) HandleFunc(string, http.HandlerFunc)            {}
func (*Mux) Method(method, pattern string, h http.Handler)  {}
func (*Mux) Get(string, http.HandlerFunc)                   {}
func (*Mux) Post(string, http.HandlerFunc)                  {}
func (*Mux) NotFound(http.HandlerFunc)                      {}
