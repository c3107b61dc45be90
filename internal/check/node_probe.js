// Parses source on stdin, as the argument says, and runs none of it. It says "parsed", "unable", or what is wrong.
const { stripTypeScriptTypes } = require("node:module");
const { SourceTextModule, compileFunction } = require("node:vm");

const [, form] = process.argv;
const source = require("node:fs").readFileSync(0, "utf8").replace(/^\ufeff?(#!.*)?/, "");

function parse() {
  switch (form) {
    case "typescript":
      if (stripTypeScriptTypes === undefined) return "unable";
      stripTypeScriptTypes(source, { mode: "transform" });
      break;
    case "module":
      new SourceTextModule(source);
      break;
    default:
      compileFunction(source, ["exports", "require", "module", "__filename", "__dirname"]);
  }
  return "parsed";
}

try {
  console.log(parse());
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
