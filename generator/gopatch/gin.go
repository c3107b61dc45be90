package gopatch

// An engine of gin is a plain handler where it does not serve by itself.
func gin() router {
	return router{
		name: "gin", path: "github.com/gin-gonic/gin",
		byHand: "serve its handler with net/http, and run this again: http.ListenAndServe(address, engine.Handler())",
		sinks: map[string]sink{
			"Engine.Run":         {served: receiver, address: 0},
			"Engine.RunTLS":      {served: receiver, address: 0},
			"Engine.RunUnix":     {served: receiver, address: 0},
			"Engine.RunFd":       {served: receiver, address: none},
			"Engine.RunListener": {served: receiver, address: none},
			"Engine.RunQUIC":     {served: receiver, address: 0},
		},
	}
}
