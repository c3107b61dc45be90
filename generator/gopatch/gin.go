package gopatch

import (
	"maps"
	"strings"
)

// An engine of gin is a plain handler where it does not serve by itself.
func gin() router {
	return router{
		name: "gin", path: "github.com/gin-gonic/gin", muxes: []string{"Engine", "RouterGroup", "IRouter", "IRoutes"}, syntax: colons, rules: ginRules(),
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

func ginRules() map[string]rule {
	rules := map[string]rule{
		"Handle":       {args: []role{methodArg, pathArg, handlerArg}},
		"Any":          {args: []role{pathArg, handlerArg}},
		"Match":        {args: []role{methodArg, pathArg, handlerArg}},
		"Group":        {does: parts, args: []role{pathArg, otherArg}},
		"Static":       {method: "GET", args: []role{pathArg, otherArg}, below: true},
		"StaticFS":     {method: "GET", args: []role{pathArg, otherArg}, below: true},
		"StaticFile":   {method: "GET", args: []role{pathArg, otherArg}},
		"StaticFileFS": {method: "GET", args: []role{pathArg, otherArg}},
		"NoRoute":      {does: catches, args: []role{handlerArg}},
	}
	maps.Copy(rules, verbs(strings.ToUpper, pathArg, handlerArg))
	return rules
}
