import assert from "node:assert/strict";
import { test } from "node:test";

import { Issuer } from "../testing/issuer.js";
import { credentials } from "../testing/site.js";
import { loadWithCredentials } from "./credentials.js";

const given = { SK_CLIENT_ID: credentials.clientID, SK_CLIENT_SECRET: credentials.clientSecret };

test("credentials come with the settings", async (t) => {
  const issuer = await Issuer.start(t);
  const loaded = loadWithCredentials({ ...issuer.environment("/mcp"), ...given }, "/mcp");
  assert.deepEqual(loaded.credentials, credentials);
  assert.equal(loaded.config.environmentURL, issuer.url);
});

test("a missing credential is reported", async (t) => {
  const issuer = await Issuer.start(t);
  for (const name of Object.keys(given)) {
    const env = { ...issuer.environment("/mcp"), ...given, [name]: "" };
    assert.throws(() => loadWithCredentials(env, "/mcp"), new RegExp(`problems:\\n${name}: not set`));
  }
});

test("everything is reported together", () => {
  assert.throws(
    () => loadWithCredentials({ PORT: "x" }, "/mcp"),
    ({ message }: Error) => ["SK_CLIENT_ID", "SK_CLIENT_SECRET", "PORT", "SK_ENV_URL"].every((name) => message.includes(`\n${name}: `)),
  );
});
