package tspatch_test

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/mcpauth/mcpauth/generator/tspatch"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/refusal"

	"errors"
)

// project is a package with an entry and other files.
func project(entry, src string, others map[string]string) script.Project {
	files := map[string]string{"package.json": "{}", entry: src}
	maps.Copy(files, others)
	tree := make(fstest.MapFS)
	for name, content := range files {
		tree[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return script.Project{FS: tree, Name: "app", Entry: entry}
}

// patch returns the entry after the patch, or the code of the refusal.
func patch(t *testing.T, p script.Project, position string) (string, script.Patch) {
	t.Helper()
	program, err := tspatch.Read(p)
	var found script.Patch
	if err == nil {
		var site script.Site
		if site, err = script.Choose(program.Sites(), position); err == nil {
			found, err = program.Patch(site, script.Wish{})
		}
	}
	if r, ok := errors.AsType[*refusal.Refusal](err); ok {
		return r.Code + " " + r.Position, found
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found.Files {
		if f.Path == p.Entry {
			return string(f.After), found
		}
	}
	return "", found
}

// TestPatchOf compares what becomes of an entry, whose added parts stand between « and ».
func TestPatchOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ entry, want string }{
		"default import":    {"a.mjs", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.mjs\";\n»const app = express();\n«installMcp(app);\n»app.listen(1);\n"},
		"no semicolons":     {"a.mjs", "import express from 'express'\n«import { installMcp } from './mcpauth/install.mjs'\n»const app = express()\n«installMcp(app)\n»app.listen(1)\n"},
		"common":            {"a.js", "const express = require('express');\n«const { installMcp } = require('./mcpauth/install.cjs');\n»const app = express();\n«installMcp(app);\n»"},
		"one statement":     {"a.js", "var express = require('express'), app = express();\n«require('./mcpauth/install.cjs').installMcp(app);\n»app.listen(1);\n"},
		"required":          {"a.js", "const app = require('express')();\n«require('./mcpauth/install.cjs').installMcp(app);\n»"},
		"comma first":       {"a.js", "var express = require('express')\n  , http = require('http')\n«const { installMcp } = require('./mcpauth/install.cjs')\n»var app = express()\n  , server = http.createServer(app)\n«installMcp(app)\n»"},
		"typed":             {"a.ts", "import express, { type Express } from \"express\";\n«import { installMcp } from \"./mcpauth/install\";\n»export const app: Express = express();\n«installMcp(app);\n»"},
		"generic type":      {"a.ts", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install\";\n»const app: ReturnType<typeof express> = express();\n«installMcp(app);\n»"},
		"namespace":         {"a.ts", "import * as express from \"express\";\n«import { installMcp } from \"./mcpauth/install\";\n»let app = express.default() as any; // yes\n«installMcp(app);\n»"},
		"import equals":     {"a.ts", "import express = require(\"express\");\n«import { installMcp } from \"./mcpauth/install\";\n»const app = express();\n«installMcp(app);\n»"},
		"default as":        {"a.mts", "import { default as x, json } from \"express\";\n«import { installMcp } from \"./mcpauth/install.js\";\n»const app = x();\n«installMcp(app);\n»"},
		"no semicolon type": {"a.ts", "import e from 'express'\n«import { installMcp } from './mcpauth/install'\n»let app: e.Express\napp = e()\n«installMcp(app)\n»"},
		"member":            {"a.ts", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install\";\n»class A {\n\tapp: express.Express;\n\tconstructor() {\n\t\tthis.app = express();\n«\t\tinstallMcp(this.app);\n»\t}\n}\n"},
		"field":             {"a.ts", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install\";\n»class A {\n  private readonly app = «installMcp(»express()«)»;\n}\n"},
		"plain field":       {"a.mjs", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.mjs\";\n»class A extends B {\n  app = «installMcp(»express()«)»;\n}\n"},
		"returned":          {"a.mjs", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.mjs\";\n»export function make() {\n  return «installMcp(»express()«)»;\n}\n"},
		"chained":           {"a.mjs", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.mjs\";\n»const server = «installMcp(»express()«)»\n  .use(express.json())\n  .listen(1);\n"},
		"arrow":             {"a.js", "const express = require('express');\n«const { installMcp } = require('./mcpauth/install.cjs');\n»module.exports = () => «installMcp(»express()«)»;\n"},
		"exported":          {"a.js", "const express = require('express');\n«const { installMcp } = require('./mcpauth/install.cjs');\n»const app = module.exports = «installMcp(»express()«)»;\n"},
		"module":            {"a.js", "const express = require('express');\n«const { installMcp } = require('./mcpauth/install.cjs');\n»module.exports = express();\n«installMcp(module.exports);\n»"},
		"branch":            {"a.mjs", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.mjs\";\n»let app;\nif (x)\n  app = «installMcp(»express()«)»;\n"},
		"block of one line": {"a.mjs", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.mjs\";\n»let app;\nfunction f() { app = express()«; installMcp(app)» }\n"},
		"more on the line":  {"a.mjs", "import express from \"express\";« import { installMcp } from \"./mcpauth/install.mjs\";» const app = express();« installMcp(app);» app.listen(1);\n"},
		"name taken":        {"a.mjs", "import express from \"express\";\n«import { installMcp as installMcp2 } from \"./mcpauth/install.mjs\";\n»const installMcp = 1, app = express();\n«installMcp2(app);\n»"},
		"look-alikes":       {"a.mjs", "#!/usr/bin/env node\n// const app = express();\nimport express from \"express\";\n«import { installMcp } from \"./mcpauth/install.mjs\";\n»const s = \"const app = express();\", r = /express()'\"`/g, d = 4 / 2 / 1;\nconst t = `a ${`b ${\"}\"} express()`} const app = express();`;\nexpress.Router();\nexpress.json();\nconst app = express();\n«installMcp(app);\n»"},
		"crlf and bom":      {"a.mjs", "\ufeffimport express from \"express\";\r\n«import { installMcp } from \"./mcpauth/install.mjs\";\r\n»const app = express();\r\n«installMcp(app);\r\n»"},
		"no last newline":   {"a.mjs", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.mjs\";\n»export const app = express();«\ninstallMcp(app);»"},
		"awaited":           {"a.mjs", "«import { installMcp } from \"./mcpauth/install.mjs\";\n»const { default: express } = await import(\"express\");\nconst app = express();\n«installMcp(app);\n»"},
		"deferred":          {"a.js", "exports.make = function () {\n  const express = require('express');\n  const app = express();\n«  require('./mcpauth/install.cjs').installMcp(app);\n»  return app;\n};\n"},
		"spread over lines": {"a.mjs", "import\n  express\nfrom \"express\"\n«import { installMcp } from \"./mcpauth/install.mjs\"\n»const app =\n  express(\n  );\n«installMcp(app);\n»"},
		"suffix ts":         {"a.ts", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.ts\";\n»import { x } from \"./x.ts\";\nconst app = express();\n«installMcp(app);\n»"},
		"suffix js":         {"a.ts", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install.js\";\n»import { x } from \"./x.js\";\nconst app = express()!;\n«installMcp(app);\n»"},
		"satisfied":         {"a.ts", "import express from \"express\";\n«import { installMcp } from \"./mcpauth/install\";\n»const app = express() satisfies unknown /* so */\n«installMcp(app)\n»const y = a! / 2, z = b / 3;\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := pieces(c.want)
			got, found := patch(t, project(c.entry, before, nil), "")
			if got != after {
				t.Errorf("got\n%s\nwant\n%s", got, after)
			}
			again, err := tspatch.Read(project(c.entry, after, nil))
			if err != nil || again.Installed() == "" {
				t.Errorf("what was patched is not known again: %v", err)
			}
			if len(found.Files) == 0 || plan.Sum(found.Files[0].Before) != plan.Sum([]byte(before)) {
				t.Error("the patch is of something else")
			}
		})
	}
}

// pieces returns the text without and with what is between « and ».
func pieces(marked string) (before, after string) {
	for part := range strings.SplitSeq(marked, "«") {
		added, kept, ok := strings.Cut(part, "»")
		if !ok {
			added, kept = "", part
		}
		before += kept
		after += added + kept
	}
	return before, after
}

// TestRefused wants programs to be left alone where nothing fits, with the place.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ entry, src, want string }{
		"no app":        {"a.mjs", "import express from \"express\";\nexport const router = express.Router();\n", "RF-NONE a.mjs:1"},
		"no express":    {"a.mjs", "import { fastify } from \"fastify\";\nconst app = fastify();\n", "RF-NONE a.mjs"},
		"own function":  {"a.mjs", "function express() {}\nconst app = express();\n", "RF-NONE a.mjs"},
		"type only":     {"a.ts", "import type express from \"express\";\ndeclare function f(): express.Express;\nconst app = f();\n", "RF-NONE a.ts"},
		"two":           {"a.mjs", "import express from \"express\";\nconst app = express();\nconst admin = express();\n", "RF-MULTI "},
		"MCP":           {"a.mjs", "import express from \"express\";\nimport { McpServer } from \"@modelcontextprotocol/sdk/server/mcp.js\";\nconst app = express();\n", "RF-MCP a.mjs:2"},
		"unclosed":      {"a.mjs", "import express from \"express\";\nconst app = express(;\n", "RF-BUILD a.mjs:2"},
		"string":        {"a.mjs", "import express from \"express\";\nconst app = express();\nconst s = \"a\nb\";\n", "RF-BUILD a.mjs:3"},
		"template":      {"a.mjs", "import express from \"express\";\nconst s = `${ a `;\n", "RF-BUILD a.mjs:2"},
		"comment":       {"a.mjs", "import express from \"express\";\n/* const app = express();\n", "RF-BUILD a.mjs:2"},
		"authorization": {"a.mjs", "import express from \"express\";\nconst app = express();\napp.get(\"/.well-known/oauth-protected-resource\", f);\n", "RF-ROUTE a.mjs:3"},
		"path":          {"a.mjs", "import express from \"express\";\nconst app = express();\napp.post(\"/\", f);\napp.post(\"/mcp\", f);\n", "RF-ROUTE a.mjs:4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, _ := patch(t, project(c.entry, c.src, nil), ""); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestWhereMCPIs wants / only where the file shows that nothing answers it.
func TestWhereMCPIs(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"": "/",
		"app.use(express.json(), (q, r, n) => n());":                        "/mcp",
		"app.use(express.json());\napp.use(cors({ origin: x }));":           "/",
		"app.get(\"/a\", f);\napp.use(\"/b\", router);\napp.route(\"/c\");": "/",
		"app.get(\"/\", f);":              "/mcp",
		"app.post(\"/\", f);":             "/mcp",
		"app.use(f);":                     "/mcp",
		"app.use(\"/\", f);":              "/mcp",
		"app.get(\"*\", f);":              "/mcp",
		"app.get(\"/*splat\", f);":        "/mcp",
		"app.get(\"/:page\", f);":         "/mcp",
		"app.get(/x/, f);":                "/mcp",
		"app.get([\"/\"], f);":            "/mcp",
		"app.get(path, f);":               "/mcp",
		"routes(app);":                    "/mcp",
		"export default app;":             "/mcp",
		"export { app };":                 "/mcp",
		"const other = app;":              "/mcp",
		"createServer(app).listen(1);":    "/",
		"app[\"get\"](\"/\", f);":         "/mcp",
		"router.get(\"/\", f);":           "/",
		"app.listen(1, () => log(`x`));":  "/",
		"app.listen(`${app.get(\"/\")}`)": "/mcp",
	} {
		_, found := patch(t, project("a.mjs", "import express from \"express\";\nconst app = express();\n"+src+"\n", nil), "")
		if found.Path != want {
			t.Errorf("%s: MCP is at %q, want %s", src, found.Path, want)
		}
	}
}
