import assert from "node:assert/strict";
import { test } from "node:test";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

import { Issuer } from "../testing/issuer.js";
import { startSite } from "../testing/site.js";

test("C19: the SDK’s own client lists and calls tools", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp");
  const client = new Client({ name: "test", version: "0" });
  const headers = { Authorization: `Bearer ${issuer.mint()}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(site.url), { requestInit: { headers } }));
  t.after(() => client.close());
  assert.deepEqual((await client.listTools()).tools.map((tool) => tool.name).toSorted(), ["greet", "whoami"]);
  const { structuredContent } = await client.callTool({ name: "greet", arguments: { name: "Ada" } });
  assert.deepEqual(structuredContent, { greeting: "Hello, Ada!" });
});
