package gopatch

import "github.com/mcpauth/mcpauth/internal/refusal"

// fasthttp alone has no handler of net/http, and no routes that could be told from its source.
func fasthttp() router {
	return router{
		name: "fasthttp", path: "github.com/valyala/fasthttp", unfit: unfitFastHTTP,
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

// unfitFastHTTP refuses all. A server of net/http beside it is what the endpoint fits into.
func unfitFastHTTP(f *finder, site Site) *refusal.Refusal {
	return &refusal.Refusal{
		Code: refusal.CodeFastHTTP, Position: site.Position,
		Reason: "fasthttp serves no handler of net/http; give the endpoint a server of its own, and run this again with --server for that line. Before " + f.module.Text(site.node) + ":",
		ByHand: []string{"go func() { log.Fatal(http.ListenAndServe(\"127.0.0.1:3002\", http.NotFoundHandler())) }()"},
	}
}
