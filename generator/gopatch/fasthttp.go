package gopatch

// fasthttp alone has no handler of net/http, and no routes that could be told from its source.
func fasthttp() router {
	return router{
		name: "fasthttp", path: "github.com/valyala/fasthttp",
		byHand: "no handler of net/http: serve MCP from a program of its own, which mcpauth init makes",
		sinks: map[string]sink{
			"ListenAndServe":                {served: 1, address: 0},
			"ListenAndServeUNIX":            {served: 2, address: 0},
			"ListenAndServeTLS":             {served: 3, address: 0},
			"ListenAndServeTLSEmbed":        {served: 3, address: 0},
			"Serve":                         {served: 1, address: none},
			"ServeTLS":                      {served: 3, address: none},
			"ServeTLSEmbed":                 {served: 3, address: none},
			"Server.ListenAndServe":         {served: receiver, address: 0},
			"Server.ListenAndServeUNIX":     {served: receiver, address: 0},
			"Server.ListenAndServeTLS":      {served: receiver, address: 0},
			"Server.ListenAndServeTLSEmbed": {served: receiver, address: 0},
			"Server.Serve":                  {served: receiver, address: none},
			"Server.ServeTLS":               {served: receiver, address: none},
			"Server.ServeTLSEmbed":          {served: receiver, address: none},
		},
	}
}
