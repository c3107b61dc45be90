package gopatch

import (
	"go/types"
	"maps"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

func fiber2() router {
	return router{
		name: "fiber", path: "github.com/gofiber/fiber/v2", muxes: []string{"App", "Group", "Router"}, syntax: colons, rules: fiberRules(),
		engines: []string{"App"}, wrapper: func(types.Type) string { return WrapFiber2 }, unfit: unfitFiber,
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
		name: "fiber", path: "github.com/gofiber/fiber/v3", muxes: []string{"App", "Group", "Router"}, syntax: colons, rules: fiberRules(),
		engines: []string{"App"}, wrapper: func(types.Type) string { return WrapFiber3 },
		sinks: map[string]sink{
			"App.Listen":   {served: receiver, address: 0},
			"App.Listener": {served: receiver, address: none},
		},
	}
}

func fiberRules() map[string]rule {
	rules := map[string]rule{
		"Add":    {args: []role{methodArg, pathArg, handlerArg}},
		"All":    {args: []role{pathArg, handlerArg}},
		"Group":  {does: parts, args: []role{pathArg, otherArg}},
		"Use":    {does: uses},
		"Mount":  {does: mounts, args: []role{pathArg, handlerArg}},
		"Route":  {does: calls, args: []role{pathArg, handlerArg, otherArg}},
		"Static": {method: "GET", args: []role{pathArg, otherArg}, below: true},
	}
	maps.Copy(rules, verbs(title, pathArg, handlerArg))
	return rules
}

// unfitFiber knows the first versions, which kept their server to themselves.
func unfitFiber(_ *finder, site Site) *refusal.Refusal {
	if has(site.engine, "Server") {
		return nil
	}
	return &refusal.Refusal{
		Code: refusal.CodeFramework, Position: site.Position,
		Reason: "this version of fiber has no Server method: upgrade it to v2.3.0 or newer, and run this again",
	}
}
