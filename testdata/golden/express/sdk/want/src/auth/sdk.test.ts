import assert from "node:assert/strict";
import { test } from "node:test";

import type { CryptoKey } from "jose";

import { createLogger } from "../log.js";
import { Issuer, resourceID } from "../testing/issuer.js";
import { credentials } from "../testing/site.js";
import { Keys } from "./keys.js";
import { Refused, SDK } from "./sdk.js";

function sdkOf(issuer: Issuer): SDK {
  const issuers = [issuer.url, `${issuer.url}/resources/${resourceID}`];
  return new SDK({ environmentURL: issuer.url, issuers, audiences: [resourceID, "http://localhost:3002/mcp"] }, credentials);
}

function keyOf(issuer: Issuer, kid: string): Promise<CryptoKey> {
  return new Keys(`${issuer.url}/keys`, createLogger("error")).lookup(kid);
}

const now = () => Math.floor(Date.now() / 1000);

test("C7: the SDK accepts both issuers and both audiences", async (t) => {
  const issuer = await Issuer.start(t);
  const [sdk, key] = [sdkOf(issuer), await keyOf(issuer, "key-1")];
  for (const claims of [{}, { iss: `${issuer.url}/resources/${resourceID}` }, { aud: "http://localhost:3002/mcp" }]) {
    await sdk.validate(issuer.mint(claims), "key-1", key);
  }
});

test("C7: the SDK refuses by itself what is foreign, expired or forged", async (t) => {
  const issuer = await Issuer.start(t);
  const [sdk, key] = [sdkOf(issuer), await keyOf(issuer, "key-1")];
  for (const claims of [
    { iss: "https://evil.example.com" },
    { iss: `${issuer.url}/` },
    { aud: "else" },
    { exp: now() - 5 },
    { nbf: now() + 60 },
  ]) {
    await assert.rejects(sdk.validate(issuer.mint(claims), "key-1", key), Refused, JSON.stringify(claims));
  }
  issuer.rotate();
  await assert.rejects(sdk.validate(issuer.mint({}, { kid: "key-1" }), "key-1", key), Refused);
});

test("C8, C13: the SDK takes the key that it is given, and sends nothing", async (t) => {
  const issuer = await Issuer.start(t);
  const sdk = sdkOf(issuer);
  await sdk.validate(issuer.mint(), "key-1", await keyOf(issuer, "key-1"));
  issuer.rotate();
  const key = await keyOf(issuer, "key-2");
  const { fetches } = issuer;
  await Promise.all(Array.from({ length: 20 }, () => sdk.validate(issuer.mint(), "key-2", key)));
  assert.equal(issuer.fetches, fetches);
});
