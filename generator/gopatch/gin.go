package gopatch

import (
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// An engine of gin is a plain handler where it does not serve by itself.
func gin() router {
	return router{
		name: "gin", path: "github.com/gin-gonic/gin", muxes: []string{"Engine", "RouterGroup", "IRouter", "IRoutes"}, syntax: colons, rules: ginRules(),
		engines: []string{"Engine"}, wrapper: wrapGin, unfit: unfitGin,
		sinks: map[string]sink{
			"Engine.Run":         {served: receiver, address: none}, // its address may be left out
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
		"Handler":      {does: parts}, // all of it
		"Use":          {does: uses},
		"Static":       {method: "GET", args: []role{pathArg, otherArg}, below: true},
		"StaticFS":     {method: "GET", args: []role{pathArg, otherArg}, below: true},
		"StaticFile":   {method: "GET", args: []role{pathArg, otherArg}},
		"StaticFileFS": {method: "GET", args: []role{pathArg, otherArg}},
		"NoRoute":      {does: catches, args: []role{handlerArg}},
	}
	maps.Copy(rules, verbs(strings.ToUpper, pathArg, handlerArg))
	return rules
}

func wrapGin(engine types.Type) string {
	if !has(engine, "UseH2C") {
		return WrapGin7
	}
	return WrapGin
}

// unfitGin knows the versions whose Run methods prepare the engine for requests. An engine in front of it does not.
func unfitGin(f *finder, site Site) *refusal.Refusal {
	reason := ""
	switch {
	case site.engine == nil:
	case has(site.engine, "TrustedProxies"):
		reason = "this version of gin reads its trusted proxies where it serves: upgrade it to v1.7.7 or newer, and run this again"
	case f.escapes(site) && has(site.engine, "updateRouteTrees") && !has(site.engine, "routeTreesUpdated"):
		reason = "this version of gin reads escaped colons in routes where it serves: upgrade it to v1.12.0 or newer, and run this again"
	}
	if reason == "" {
		return nil
	}
	return &refusal.Refusal{Code: refusal.CodeFramework, Position: site.Position, Reason: reason}
}

// escapes says whether a route of the site has a colon that stands for itself.
func (f *finder) escapes(site Site) bool {
	routes := f.survey.Routing(Server{Sites: []Site{site}}).Routes
	return slices.ContainsFunc(routes, func(r Route) bool { return strings.Contains(r.Path, `\:`) })
}
