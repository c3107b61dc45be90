package cmd

import (
	"github.com/mcpauth/mcpauth/generator/pypatch"
	"github.com/mcpauth/mcpauth/internal/check"
)

func python() language {
	return language{
		name: "Python with FastAPI", stack: "fastapi",
		suffixes:  []string{".py"},
		manifests: pypatch.Manifests(),

		requirements: pypatch.Lists(),
		reader:       "python3",
		read:         pypatch.Read,
		needs:        pypatch.Needs,
		prove:        check.PythonAgrees,
	}
}
