package cmd

import (
	"github.com/mcpauth/mcpauth/generator/tspatch"
	"github.com/mcpauth/mcpauth/internal/check"
)

func typescript() language {
	return language{
		name: "TypeScript and JavaScript with Express", stack: "express",
		suffixes:  tspatch.Suffixes(),
		manifests: []string{tspatch.Manifest},

		requirements: []string{tspatch.Manifest},
		reader:       "node",
		read:         tspatch.Read,
		needs:        tspatch.Needs,
		prove:        check.NodeAgrees,
	}
}
