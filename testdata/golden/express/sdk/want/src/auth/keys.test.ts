import assert from "node:assert/strict";
import { test } from "node:test";

import { createLogger } from "../log.js";
import { Issuer } from "../testing/issuer.js";
import { fetchFloor, Keys, KeysUnavailable, UnknownKey } from "./keys.js";

const quiet = createLogger("error");

/** Keys of the issuer, and a clock for their fetches. */
function keysOf(issuer: Issuer): { keys: Keys; pass: (ms: number) => void } {
  let time = 0;
  return { keys: new Keys(`${issuer.url}/keys`, quiet, () => time), pass: (ms) => (time += ms) };
}

test("C8: 10,000 unknown keys cost one fetch", async (t) => {
  const issuer = await Issuer.start(t);
  const keys = new Keys(`${issuer.url}/keys`, quiet);
  const lookups = await Promise.allSettled(Array.from({ length: 10_000 }, (_, i) => keys.lookup(`unknown-${i}`)));
  assert.ok(lookups.every((lookup) => lookup.status === "rejected"));
  assert.equal(issuer.fetches, 1);
});

test("C8: a rotated key is found when the floor permits, a withdrawn one is gone with the next set", async (t) => {
  const issuer = await Issuer.start(t);
  const { keys, pass } = keysOf(issuer);
  await keys.lookup("key-1");
  issuer.rotate();
  issuer.withdraw();
  pass(fetchFloor - 1);
  await assert.rejects(keys.lookup("key-2"), UnknownKey);
  await keys.lookup("key-1");
  pass(1);
  await keys.lookup("key-2");
  await assert.rejects(keys.lookup("key-1"), UnknownKey);
});

test("C9: an outage is not the token’s fault, and known keys stay", async (t) => {
  const issuer = await Issuer.start(t);
  const { keys, pass } = keysOf(issuer);
  issuer.answer = (_, response) => response.writeHead(503).end();
  await assert.rejects(keys.lookup("key-1"), KeysUnavailable);
  issuer.answer = undefined;
  pass(fetchFloor);
  await keys.lookup("key-1");
  issuer.answer = (_, response) => response.writeHead(503).end();
  pass(fetchFloor);
  await assert.rejects(keys.lookup("key-2"), KeysUnavailable);
  await keys.lookup("key-1");
});

test("C9: a request waits two seconds at most for a fetch that hangs", async (t) => {
  const issuer = await Issuer.start(t);
  const keys = new Keys(`${issuer.url}/keys`, quiet);
  issuer.answer = () => {}; // never
  await assert.rejects(keys.lookup("key-1"), new KeysUnavailable("fetching the keys takes too long"));
});

for (const [what, body] of Object.entries({
  "no JSON": "keys",
  "no set": '{"keys":{}}',
  "too long": `{"keys":[],"x":"${"x".repeat(256 << 10)}"}`,
})) {
  test(`C8: a key set that is ${what} is no key set`, async (t) => {
    const issuer = await Issuer.start(t);
    issuer.answer = (_, response) => response.end(body);
    await assert.rejects(new Keys(`${issuer.url}/keys`, quiet).lookup("key-1"), KeysUnavailable);
  });
}

test("C8: keys for other uses, weak keys and redirects are not taken", async (t) => {
  const issuer = await Issuer.start(t);
  const good = issuer.jwk("key-1");
  for (const jwk of [
    { ...good, use: "enc" },
    { ...good, alg: "RS512" },
    { ...good, kty: "oct" },
    { ...good, n: "AQAB" },
    { ...good, kid: undefined },
    null,
  ]) {
    issuer.answer = (_, response) => response.end(JSON.stringify({ keys: [jwk] }));
    await assert.rejects(new Keys(`${issuer.url}/keys`, quiet).lookup("key-1"), UnknownKey, JSON.stringify(jwk));
  }
  issuer.answer = (_, response) => response.writeHead(302, { Location: "http://127.0.0.1:1/keys" }).end();
  await assert.rejects(new Keys(`${issuer.url}/keys`, quiet).lookup("key-1"), KeysUnavailable);
});
