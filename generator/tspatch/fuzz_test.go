package tspatch_test

import (
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/generator/tspatch"
)

// FuzzPatch wants no source to bring the reader down, and each patch to add text and to take none away.
func FuzzPatch(f *testing.F) {
	for _, src := range []string{
		"import express from \"express\";\nconst app = express();\napp.get(\"/\", f);\n",
		"var express = require('express'), app = express()\n  , x = /[/]/g.test(`${a}`) / 2\n",
		"import * as express from \"express\" with { type: \"x\" }\nclass A { app = express.default() }\n",
		"import { default as x } from 'express'; let a: T<x> = x() as any, b; if (a) b = x(); else { b = x() }",
		"import express = require(\"express\");\nexport = express();\n",
		"const { default: e } = await import(\"express\"); for (const a = e();;) {}\n",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		program, err := tspatch.Read(project("a.ts", src, nil))
		if err != nil {
			return
		}
		for _, site := range program.Sites() {
			patch, err := program.Patch(site, script.Wish{})
			if err != nil || len(patch.Files) == 0 {
				continue
			}
			if !keeps(string(patch.Files[0].After), src) {
				t.Errorf("%q became %q", src, patch.Files[0].After)
			}
		}
	})
}

// keeps says whether all of a text is in another, in its order.
func keeps(text, wanted string) bool {
	for _, r := range []byte(wanted) {
		at := strings.IndexByte(text, r)
		if at < 0 {
			return false
		}
		text = text[at+1:]
	}
	return true
}
