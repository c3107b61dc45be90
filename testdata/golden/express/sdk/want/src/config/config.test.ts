import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { loadConfig } from "./config.js";
import { readEnvironment } from "./environment.js";

const metadata = {
  resource: "https://mcp.acme.com/mcp",
  authorization_servers: ["https://acme.scalekit.com/resources/res_1"],
  scopes_supported: ["todo:read"],
};
const good = {
  SK_ENV_URL: "https://acme.scalekit.com/",
  EXPECTED_AUDIENCE: "https://mcp.acme.com/mcp",
  PROTECTED_RESOURCE_METADATA: JSON.stringify(metadata),
};
const withMetadata = (replace: object) => ({ PROTECTED_RESOURCE_METADATA: JSON.stringify({ ...metadata, ...replace }) });

test("good settings", () => {
  const config = loadConfig(good, "/mcp");
  assert.equal(config.port, 3002);
  assert.equal(config.host, "127.0.0.1");
  assert.equal(config.loopback, true);
  assert.equal(config.maxBodyBytes, 262144);
  assert.deepEqual(config.issuers, ["https://acme.scalekit.com", "https://acme.scalekit.com/resources/res_1"]);
  assert.deepEqual(config.audiences, ["res_1", "https://mcp.acme.com/mcp", "https://mcp.acme.com/mcp/"]);
  assert.equal(config.metadata, good.PROTECTED_RESOURCE_METADATA);
});

test("the resource id alone is an audience, and quotes around the metadata are those of docker", () => {
  const config = loadConfig(
    { ...good, EXPECTED_AUDIENCE: "res_1", PROTECTED_RESOURCE_METADATA: `'${good.PROTECTED_RESOURCE_METADATA}'` },
    "/mcp",
  );
  assert.deepEqual(config.audiences, ["res_1"]);
  assert.equal(config.metadata, good.PROTECTED_RESOURCE_METADATA);
});

for (const [settings, problem] of [
  [{ PORT: "0" }, 'PORT: "0" is not a port'],
  [{ PORT: "65536" }, 'PORT: "65536" is not a port'],
  [{ PORT: "3e3" }, 'PORT: "3e3" is not a port'],
  [{ HOST: "example.com" }, 'HOST: "example.com" is not an IP address'],
  [{ LOG_LEVEL: "loud" }, 'LOG_LEVEL: "loud" is not a level'],
  [{ MAX_BODY_BYTES: "1k" }, 'MAX_BODY_BYTES: "1k" is not a number of bytes'],
  [{ ALLOWED_ORIGINS: "https://a.com/x" }, 'ALLOWED_ORIGINS: "https://a.com/x" is not an origin'],
  [{ ALLOWED_ORIGINS: "*" }, 'ALLOWED_ORIGINS: "*" is not an origin'],
  [{ TLS_CERT_FILE: "cert.pem" }, "TLS_CERT_FILE, TLS_KEY_FILE: set both"],
  [{ TLS_CERT_FILE: "no.pem", TLS_KEY_FILE: "no.key" }, "TLS_CERT_FILE, TLS_KEY_FILE: ENOENT"],
  [{ SK_ENV_URL: "" }, "SK_ENV_URL: not set"],
  [{ SK_ENV_URL: "http://acme.scalekit.com" }, 'SK_ENV_URL: "http://acme.scalekit.com" is not https'],
  [{ SK_ENV_URL: "acme.scalekit.com" }, 'SK_ENV_URL: "acme.scalekit.com" is not an absolute URL'],
  [{ SK_ENV_URL: "https://other.scalekit.com" }, 'SK_ENV_URL: "https://other.scalekit.com" is not the environment'],
  [{ EXPECTED_AUDIENCE: "" }, "EXPECTED_AUDIENCE: not set"],
  [{ EXPECTED_AUDIENCE: "res_2" }, 'EXPECTED_AUDIENCE: "res_2" is not the id'],
  [{ EXPECTED_AUDIENCE: "https://mcp.acme.com/mcp/x" }, 'EXPECTED_AUDIENCE: "https://mcp.acme.com/mcp/x" is not the resource'],
  [{ PROTECTED_RESOURCE_METADATA: "" }, "PROTECTED_RESOURCE_METADATA: not set"],
  [{ PROTECTED_RESOURCE_METADATA: "[]" }, "PROTECTED_RESOURCE_METADATA: not a JSON object"],
  [withMetadata({ resource: "<your server url>" }), "PROTECTED_RESOURCE_METADATA: holds the placeholder <your server url>"],
  [withMetadata({ resource: 1 }), "PROTECTED_RESOURCE_METADATA: resource is not a URL"],
  [withMetadata({ resource: "https://mcp.acme.com/mcp#x" }), "has a query or a fragment"],
  [withMetadata({ resource: "https://MCP.acme.com/mcp" }), "is not in its normal form"],
  [withMetadata({ resource: "https://mcp.acme.com/other" }), 'has the path "/other"'],
  [withMetadata({ resource: "http://localhost:4000/mcp" }), "has port 4000, but PORT is 3002"],
  [withMetadata({ resource: "https://localhost:3002/mcp" }), "is https, but this server would speak http"],
  [withMetadata({ authorization_servers: [] }), "authorization_servers is not a list of URLs"],
  [withMetadata({ authorization_servers: [1] }), "authorization_servers is not a list of URLs"],
] as [Record<string, string>, string][]) {
  test(`refused: ${problem}`, () => {
    assert.throws(
      () => loadConfig({ ...good, ...settings }, "/mcp"),
      (error: Error) => error.message.includes(problem),
    );
  });
}

test("no password is repeated", () => {
  for (const url of ["https://usr:test_secret@acme.scalekit.com", "https://usr:test_secret@"]) {
    assert.throws(
      () => loadConfig({ ...good, SK_ENV_URL: url }, "/mcp"),
      (error: Error) => error.message.includes("SK_ENV_URL: the URL holds") && !error.message.includes("test_secret"),
    );
  }
});

test("all problems are in one report", () => {
  assert.throws(
    () => loadConfig({ PORT: "x", HOST: "y" }, "/mcp"),
    (error: Error) =>
      ["PORT", "HOST", "SK_ENV_URL", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA"].every((name) =>
        error.message.includes(`\n${name}:`),
      ),
  );
});

test("the process environment wins over the file", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "environment-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, ".env");
  writeFileSync(file, `PORT=4000\nHOST=0.0.0.0\nLOG_LEVEL=warn\n# PORT=1\nPROTECTED_RESOURCE_METADATA='{"a":"b c"}'\n`);
  const environment = readEnvironment(file, { PORT: "5000", HOST: "" });
  assert.equal(environment.PORT, "5000");
  assert.equal(environment.HOST, "0.0.0.0");
  assert.equal(environment.LOG_LEVEL, "warn");
  assert.equal(environment.PROTECTED_RESOURCE_METADATA, '{"a":"b c"}');
  assert.deepEqual(readEnvironment(join(dir, "none"), {}), {});
});
