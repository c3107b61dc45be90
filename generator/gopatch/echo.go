package gopatch

// An Echo is a plain handler where it does not serve by itself.
func echo4() router {
	return router{
		name: "echo", path: "github.com/labstack/echo/v4",
		byHand: "serve its handler with net/http, and run this again: http.ListenAndServe(address, e)",
		sinks: map[string]sink{
			"Echo.Start":          {served: receiver, address: 0},
			"Echo.StartTLS":       {served: receiver, address: 0},
			"Echo.StartAutoTLS":   {served: receiver, address: 0},
			"Echo.StartH2CServer": {served: receiver, address: 0},
			"Echo.StartServer":    {served: receiver, address: none},
		},
	}
}

func echo5() router {
	return router{
		name: "echo", path: "github.com/labstack/echo/v5",
		byHand: "serve its handler with net/http, and run this again: http.ListenAndServe(address, e)",
		sinks:  map[string]sink{"Echo.Start": {served: receiver, address: 0}},
	}
}
