package gopatch

// A router of gorilla/mux is a plain handler.
func gorilla() router {
	return router{
		name: "mux", path: "github.com/gorilla/mux", muxes: []string{"Router", "Route"}, syntax: braces, fallbacks: []string{"NotFoundHandler"},
		rules: map[string]rule{
			"Handle":      {args: []role{pathArg, handlerArg}},
			"HandleFunc":  {args: []role{pathArg, handlerArg}},
			"Handler":     {args: []role{handlerArg}},
			"HandlerFunc": {args: []role{handlerArg}},
			"Path":        {does: parts, args: []role{pathArg}},
			"PathPrefix":  {does: parts, args: []role{beginningArg}},
			"Methods":     {does: parts, args: []role{methodArg}},
			"Host":        {does: parts, args: []role{hostArg}},
		},
	}
}
