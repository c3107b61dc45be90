package gopatch

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

const echo5Path = "github.com/labstack/echo/v5"

// An Echo is a plain handler where it does not serve by itself.
func echo4() router {
	return router{
		name: "echo", path: "github.com/labstack/echo/v4", engines: []string{"Echo"}, muxes: []string{"Echo", "Group"}, syntax: colons, rules: echoRules(),
		wrapper: func(types.Type) string { return WrapEcho4 },
		sinks: map[string]sink{
			"Echo.Start":          {served: receiver, address: 0},
			"Echo.StartTLS":       {served: receiver, address: 0},
			"Echo.StartAutoTLS":   {served: receiver, address: 0},
			"Echo.StartH2CServer": {served: receiver, address: 0},
			"Echo.StartServer":    {served: receiver, address: none, server: true},
		},
	}
}

// A StartConfig of version 5 serves any handler, but logs as an Echo says only where it is given one.
func echo5() router {
	return router{
		name: "echo", path: echo5Path, engines: []string{"Echo"}, muxes: []string{"Echo", "Group"}, syntax: colons, rules: echoRules(),
		wrapper: func(types.Type) string { return WrapEcho5 }, handled: choosesHosts, unfit: unfitEcho5,
		sinks: map[string]sink{
			"Echo.Start":           {served: receiver, address: 0},
			"StartConfig.Start":    {served: 1, address: none},
			"StartConfig.StartTLS": {served: 1, address: none},
		},
	}
}

// choosesHosts says whether what is served is an Echo that hands requests on by their host, before anything of its own.
func choosesHosts(f *finder, site Site) bool {
	return slices.ContainsFunc(f.survey.flow.origins(source{pkg: site.pkg, expr: site.handler}), func(o origin) bool {
		call, ok := o.node.(*ast.CallExpr)
		if !ok {
			return false
		}
		fn := calleeOf(o.from.pkg.TypesInfo, call)
		return fn != nil && pathOf(fn) == echo5Path && fn.Name() == "NewVirtualHostHandler"
	})
}

func unfitEcho5(f *finder, site Site) *refusal.Refusal {
	if site.engine == nil || !choosesHosts(f, site) {
		return nil
	}
	return &refusal.Refusal{
		Code: refusal.CodeFramework, Position: site.Position,
		Reason: "this Echo hands requests on by their host before anything that could be put into it; serve it as a handler, and run this again:",
		ByHand: []string{"echo.StartConfig{Address: " + site.Address + "}.Start(context.Background(), " + site.Handler + ")"},
	}
}

func echoRules() map[string]rule {
	rules := map[string]rule{
		"Add":           {args: []role{methodArg, pathArg, handlerArg, otherArg}},
		"Any":           {args: []role{pathArg, handlerArg, otherArg}},
		"Match":         {args: []role{methodArg, pathArg, handlerArg, otherArg}},
		"Group":         {does: parts, args: []role{pathArg, otherArg}},
		"Use":           {does: uses},
		"Pre":           {does: uses},
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
