import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";

import { encode, Issuer, resourceID } from "../testing/issuer.js";
import { verifierOf } from "../testing/site.js";
import { InvalidToken, leeway, type Verifier } from "./token.js";

async function start(t: TestContext): Promise<{ issuer: Issuer; verifier: Verifier }> {
  const issuer = await Issuer.start(t);
  return { issuer, verifier: verifierOf(issuer) };
}

const now = () => Math.floor(Date.now() / 1000);

test("C7: good tokens of every form are accepted", async (t) => {
  const { issuer, verifier } = await start(t);
  for (const claims of [
    {},
    { iss: `${issuer.url}/resources/${resourceID}` },
    { aud: resourceID },
    { aud: ["https://another.example.com", "http://localhost:3002/mcp"] },
    { exp: now() - leeway + 10 },
    { nbf: now() + leeway - 10, iat: now() + leeway - 10 },
  ]) {
    assert.equal((await verifier.verify(issuer.mint(claims))).subject, "usr_1", JSON.stringify(claims));
  }
});

test("C10, C12: the caller has the scopes of both claims", async (t) => {
  const { issuer, verifier } = await start(t);
  assert.deepEqual(await verifier.verify(issuer.mint({ scope: "a  b", scopes: ["b", "c"], exp: 4e9 })), {
    subject: "usr_1",
    clientID: "skc_1",
    organization: "org_1",
    scopes: ["a", "b", "c"],
    expires: 4e9,
  });
});

test("C7: bad claims are refused", async (t) => {
  const { issuer, verifier } = await start(t);
  for (const claims of [
    { iss: "https://evil.example.com" },
    { iss: `${issuer.url}/` },
    { iss: [issuer.url] },
    { iss: undefined },
    { aud: `${resourceID}0` },
    { aud: [] },
    { aud: [[resourceID]] },
    { aud: undefined },
    { aud: null },
    { sub: "" },
    { sub: undefined },
    { sub: 1 },
    { exp: undefined },
    { exp: now() - leeway - 1 },
    { exp: String(now() + 300) },
    { exp: -1 },
    { exp: 1e300 },
    { nbf: now() + leeway + 10 },
    { nbf: "soon" },
    { iat: now() + leeway + 10 },
    { scope: ["profile:read"] },
    { scopes: "profile:read" },
    { scopes: null },
    { scopes: ["a", 1] },
    { client_id: {} },
  ]) {
    await assert.rejects(verifier.verify(issuer.mint(claims)), InvalidToken, JSON.stringify(claims));
  }
});

test("C7: a claim may stand once", async (t) => {
  const { issuer, verifier } = await start(t);
  for (const [from, to] of [
    ['"sub"', '"sub":"usr_2","sub"'],
    ['"sub"', '"\\u0073ub":"usr_2","sub"'],
    ['"aud"', '"aud":"another","aud"'],
  ] as const) {
    await assert.rejects(verifier.verify(issuer.sign(issuer.header(), issuer.claims().replace(from, to))), InvalidToken, to);
  }
});

test("C7: headers that name another algorithm, a key or an extension are refused", async (t) => {
  const { issuer, verifier } = await start(t);
  for (const header of [
    { alg: "none" },
    { alg: "RS512" },
    { alg: "PS256" },
    { alg: undefined },
    { crit: ["exp"] },
    { jwk: issuer.jwk("key-1") },
    { jku: `${issuer.url}/keys` },
    { x5c: [] },
    { kid: undefined },
    { kid: "" },
    { kid: 1 },
    { kid: "unknown" },
  ]) {
    await assert.rejects(verifier.verify(issuer.mint({}, header)), InvalidToken, JSON.stringify(header));
  }
});

test("C7: signatures that do not verify are refused", async (t) => {
  const { issuer, verifier } = await start(t);
  const token = issuer.mint();
  const [header, claims, signature] = token.split(".") as [string, string, string];
  const hmacHeader = encode(issuer.header({ alg: "HS256" }));
  const publicKey = JSON.stringify(issuer.jwk("key-1"));
  const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 });
  for (const bad of [
    "",
    "token",
    `${header}.${claims}`,
    `${header}.${claims}.`,
    `${token}.${signature}`,
    `${token}=`,
    `${token}A`,
    `${header}.${claims}.${signature.slice(0, -4)}AAAA`,
    `${encode(issuer.header({ alg: "none" }))}.${claims}.`,
    `${hmacHeader}.${claims}.${createHmac("sha256", publicKey).update(`${hmacHeader}.${claims}`).digest("base64url")}`,
    `${header}.${encode("[]")}.${signature}`,
    `${header}.${encode("null")}.${signature}`,
    `${encode(foreign.publicKey.export({ format: "pem", type: "spki" }) as string)}.${claims}.${signature}`,
    "a".repeat(8193),
  ]) {
    await assert.rejects(verifier.verify(bad), InvalidToken, bad.slice(0, 40));
  }
});

test("C5: what is wrong is told in fixed words", async (t) => {
  const { issuer, verifier } = await start(t);
  await assert.rejects(verifier.verify(issuer.mint({ iss: "https://evil.example.com" })), new InvalidToken("foreign issuer"));
  await assert.rejects(verifier.verify(issuer.mint({ sub: 1 })), new InvalidToken("malformed"));
});
