package cors

import "net/http"

type Options struct{ OptionsPassthrough bool }

type Cors struct{}

func New(Options) *Cors                           { return nil }
func AllowAll() *Cors                             { return nil }
func (*Cors) Handler(h http.Handler) http.Handler { return h }
