package gopatch

import (
	"maps"
	"strings"
)

// A router of httprouter is a plain handler.
func httprouter() router {
	rules := map[string]rule{
		"Handle":      {args: []role{methodArg, pathArg, handlerArg}},
		"Handler":     {args: []role{methodArg, pathArg, handlerArg}},
		"HandlerFunc": {args: []role{methodArg, pathArg, handlerArg}},
		"ServeFiles":  {method: "GET", args: []role{pathArg, otherArg}},
	}
	maps.Copy(rules, verbs(strings.ToUpper, pathArg, handlerArg))
	return router{
		name: "httprouter", path: "github.com/julienschmidt/httprouter", muxes: []string{"Router"}, syntax: colons, fallbacks: []string{"NotFound"}, rules: rules,
	}
}
