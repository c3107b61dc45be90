package mux

import "net/http"

type Router struct{ NotFoundHandler http.Handler }

type Route struct{}

func NewRouter() *Router { return nil }

// Vars stands for functions that return a router with routes.
func Vars() *Router { return nil }

func (*Router) ServeHTTP(http.ResponseWriter, *http.Request)                       {}
func (*Router) Handle(string, http.Handler) *Route                                 { return nil }
func (*Router) HandleFunc(string, func(http.ResponseWriter, *http.Request)) *Route { return nil }
func (*Router) PathPrefix(string) *Route                                           { return nil }
func (*Router) Path(string) *Route                                                 { return nil }
func (*Router) Host(string) *Route                                                 { return nil }
func (*Router) Methods(...string) *Route                                           { return nil }
func (*Router) NewRoute() *Route                                                   { return nil }
func (*Route) Path(string) *Route                                                  { return nil }
func (*Route) PathPrefix(string) *Route                                            { return nil }
func (*Route) Methods(...string) *Route                                            { return nil }
func (*Route) Name(string) *Route                                                  { return nil }
func (*Route) Host(string) *Route                                                  { return nil }
func (*Route) Subrouter() *Router                                                  { return nil }
func (*Route) Handler(http.Handler) *Route                                         { return nil }
func (*Route) HandlerFunc(func(http.ResponseWriter, *http.Request)) *Route         { return nil }
