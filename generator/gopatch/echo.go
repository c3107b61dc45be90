package gopatch

import (
	"maps"
	"strings"
)

// An Echo is a plain handler where it does not serve by itself.
func echo4() router {
	return router{
		name: "echo", path: "github.com/labstack/echo/v4", muxes: []string{"Echo", "Group"}, syntax: colons, rules: echoRules(),
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
		name: "echo", path: "github.com/labstack/echo/v5", muxes: []string{"Echo", "Group"}, syntax: colons, rules: echoRules(),
		byHand: "serve its handler with net/http, and run this again: http.ListenAndServe(address, e)",
		sinks:  map[string]sink{"Echo.Start": {served: receiver, address: 0}},
	}
}

func echoRules() map[string]rule {
	rules := map[string]rule{
		"Add":           {args: []role{methodArg, pathArg, handlerArg, otherArg}},
		"Any":           {args: []role{pathArg, handlerArg, otherArg}},
		"Match":         {args: []role{methodArg, pathArg, handlerArg, otherArg}},
		"Group":         {does: parts, args: []role{pathArg, otherArg}},
		"Host":          {does: parts, args: []role{hostArg, otherArg}},
		"Static":        {method: "GET", args: []role{pathArg, otherArg}, below: true},
		"StaticFS":      {method: "GET", args: []role{pathArg, otherArg}, below: true},
		"File":          {method: "GET", args: []role{pathArg, otherArg}},
		"FileFS":        {method: "GET", args: []role{pathArg, otherArg}},
		"RouteNotFound": {does: catches, args: []role{pathArg, handlerArg, otherArg}},
	}
	maps.Copy(rules, verbs(strings.ToUpper, pathArg, handlerArg, otherArg))
	return rules
}
