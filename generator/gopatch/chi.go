package gopatch

import "maps"

// A router of chi is a plain handler.
func chi() router { return chiAt("github.com/go-chi/chi") }

func chi5() router { return chiAt("github.com/go-chi/chi/v5") }

func chiAt(importPath string) router {
	rules := map[string]rule{
		"Handle":     {args: []role{pathArg, handlerArg}},
		"HandleFunc": {args: []role{pathArg, handlerArg}},
		"Method":     {args: []role{methodArg, pathArg, handlerArg}},
		"MethodFunc": {args: []role{methodArg, pathArg, handlerArg}},
		"With":       {does: parts},
		"Use":        {does: uses},
		"Group":      {does: calls, args: []role{handlerArg}},
		"Route":      {does: calls, args: []role{pathArg, handlerArg}},
		"Mount":      {does: mounts, args: []role{pathArg, handlerArg}},
		"NotFound":   {does: catches, args: []role{handlerArg}},
	}
	maps.Copy(rules, verbs(title, pathArg, handlerArg))
	return router{name: "chi", path: importPath, muxes: []string{"Mux", "Router"}, rules: rules, syntax: braces}
}
