package gopatch

// netHTTP is the standard library. Its wrapper is that of all handlers.
func netHTTP() router {
	return router{
		name: "http", path: "net/http", muxes: []string{"ServeMux"}, syntax: standard,
		rules: map[string]rule{
			"Handle":     {args: []role{pathArg, handlerArg}},
			"HandleFunc": {args: []role{pathArg, handlerArg}},
		},
		sinks: map[string]sink{
			"ListenAndServe":    {served: 1, address: 0},
			"ListenAndServeTLS": {served: 3, address: 0},
			"Serve":             {served: 1, address: none},
			"ServeTLS":          {served: 1, address: none},
		},
	}
}
