package gopatch

func fiber2() router {
	return router{
		name: "fiber", path: "github.com/gofiber/fiber/v2",
		byHand: "no handler of net/http: serve MCP from a program of its own, which mcpauth init makes",
		sinks: map[string]sink{
			"App.Listen":                         {served: receiver, address: 0},
			"App.ListenTLS":                      {served: receiver, address: 0},
			"App.ListenTLSWithCertificate":       {served: receiver, address: 0},
			"App.ListenMutualTLS":                {served: receiver, address: 0},
			"App.ListenMutualTLSWithCertificate": {served: receiver, address: 0},
			"App.Listener":                       {served: receiver, address: none},
		},
	}
}

func fiber3() router {
	return router{
		name: "fiber", path: "github.com/gofiber/fiber/v3",
		byHand: "no handler of net/http: serve MCP from a program of its own, which mcpauth init makes",
		sinks: map[string]sink{
			"App.Listen":   {served: receiver, address: 0},
			"App.Listener": {served: receiver, address: none},
		},
	}
}
