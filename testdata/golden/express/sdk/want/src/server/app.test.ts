import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";

import { Issuer, scopes } from "../testing/issuer.js";
import { callTool, post, startSite } from "../testing/site.js";

test("C1, C2: the metadata is public and unchanged", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp");
  const want = JSON.parse(issuer.environment("/mcp", Number(new URL(site.origin).port)).PROTECTED_RESOURCE_METADATA ?? "") as object;
  for (const path of ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]) {
    const response = await fetch(site.origin + path, { headers: { Origin: "https://anywhere.example.com" } });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(await response.json(), want);
    assert.equal((await fetch(site.origin + path, { method: "HEAD" })).status, 200);
    assert.equal((await fetch(site.origin + path, { method: "OPTIONS" })).status, 204);
    assert.equal((await fetch(site.origin + path, { method: "POST" })).status, 405);
  }
});

test("C3: /health needs no token", async (t) => {
  const site = await startSite(t, await Issuer.start(t), "/mcp");
  const response = await fetch(`${site.origin}/health`);
  assert.deepEqual([response.status, await response.json()], [200, { status: "healthy" }]);
});

test("C4: without a bearer token there is a bare challenge", async (t) => {
  const site = await startSite(t, await Issuer.start(t), "/mcp");
  const challenge = `Bearer realm="OAuth", resource_metadata="http://localhost:${new URL(site.origin).port}/.well-known/oauth-protected-resource/mcp"`;
  for (const authorization of [undefined, "", "Bearer", "Bearer ", "Basic dXNyOnB3", "Bearertoken"]) {
    const response = await post(site.url, "", callTool("greet"), authorization === undefined ? {} : { Authorization: authorization });
    assert.equal(response.status, 401, authorization);
    assert.equal(response.headers.get("www-authenticate"), challenge);
    assert.deepEqual(Object.keys((await response.json()) as object), ["error", "error_description"]);
  }
});

test("C5, C18: a bad token is refused in fixed words, and what is wrong is in the log only", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp");
  const token = issuer.mint({ aud: "another" });
  const response = await post(site.url, token, callTool("greet"));
  assert.equal(response.status, 401);
  assert.match(
    response.headers.get("www-authenticate") ?? "",
    /^Bearer realm="OAuth", error="invalid_token", error_description="The access token is not valid for this server", resource_metadata=/,
  );
  assert.doesNotMatch(await response.text(), /audience|another/);
  assert.match(site.log.join(""), /"reason":"foreign audience"/);
  assert.ok(
    token.split(".").every((part) => !site.log.join("").includes(part)),
    "the log holds a part of the token",
  );
});

test("C6: exactly one credential, in the header", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp");
  const token = issuer.mint();
  assert.equal((await post(site.url, "", callTool("greet"), { Authorization: `bEARER ${token}` })).status, 200);
  assert.equal((await post(`${site.url}?access_token=${token}`, "", callTool("greet"))).status, 401);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const repeated = request(site.url, {
      method: "POST",
      headers: ["Host", new URL(site.url).host, "Authorization", `Bearer ${token}`, "Authorization", `Bearer ${token}`],
    });
    repeated.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
    repeated.end("{}");
  });
  assert.equal(status, 400);
});

test("C9: an outage of the keys is 503, and /health stays", async (t) => {
  const issuer = await Issuer.start(t);
  issuer.answer = (_, response) => response.writeHead(500).end();
  const site = await startSite(t, issuer, "/mcp");
  const response = await post(site.url, issuer.mint(), callTool("greet"));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "5");
  assert.equal((await fetch(`${site.origin}/health`)).status, 200);
});

test("C11: a tool’s scopes are required, in a batch too", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp");
  const token = issuer.mint({ scope: "other" });
  for (const body of [callTool("whoami"), [callTool("greet"), callTool("whoami", 2)]]) {
    const response = await post(site.url, token, body);
    assert.equal(response.status, 403);
    const challenge = response.headers.get("www-authenticate") ?? "";
    assert.match(challenge, /error="insufficient_scope"/);
    assert.ok(challenge.includes(`scope="${scopes}"`), challenge);
    assert.match(challenge, /resource_metadata="http:/);
  }
  assert.equal((await post(site.url, token, callTool("greet"))).status, 200);
});

test("C12, C18: a tool sees the caller, and the log names it", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp");
  for (const sub of ["usr_1", "usr_2"]) {
    const answer = await (await post(site.url, issuer.mint({ sub }), callTool("whoami"))).text();
    const caller = { subject: sub, client_id: "skc_1", organization: "org_1", scopes: scopes.split(" ") };
    assert.ok(answer.includes(JSON.stringify(caller)), answer);
  }
  assert.match(site.log.join(""), /"msg":"request","subject":"usr_2","client":"skc_1","status":200/);
});

test("C14: foreign origins and hosts are refused before authentication", async (t) => {
  const site = await startSite(t, await Issuer.start(t), "/mcp", { ALLOWED_ORIGINS: "https://app.example.com" });
  for (const [origin, status] of [
    ["https://evil.example.com", 403],
    ["null", 403],
    ["https://app.example.com.evil.com", 403],
    ["http://localhost.evil.com", 403],
    ["https://app.example.com", 401],
    ["http://localhost:5173", 401],
    [site.origin, 401],
  ] as const) {
    assert.equal((await post(site.url, "", callTool("greet"), { Origin: origin })).status, status, origin);
  }
  const foreign = await new Promise<number | undefined>((resolve, reject) => {
    request(site.url, { method: "POST", headers: { Host: "evil.example.com" } }, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
  assert.equal(foreign, 403);
});

test("C15: browsers of allowed origins can use the server", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp");
  const origin = "http://localhost:5173";
  const preflight = await fetch(site.url, { method: "OPTIONS", headers: { Origin: origin, "Access-Control-Request-Method": "POST" } });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /Authorization, Content-Type.*Mcp-Protocol-Version/);
  for (const [token, status] of [
    [issuer.mint(), 200],
    ["", 401],
    [issuer.mint({ scope: "" }), 403],
  ] as const) {
    const response = await post(site.url, token, callTool("whoami"), { Origin: origin });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("access-control-allow-origin"), origin);
    assert.equal(response.headers.get("access-control-allow-credentials"), null);
    assert.match(response.headers.get("access-control-expose-headers") ?? "", /WWW-Authenticate/);
  }
});

test("C16: the path answers with and without a slash", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp");
  for (const url of [site.url, `${site.url}/`]) {
    assert.equal((await fetch(url, { method: "POST", redirect: "manual" })).status, 401);
    assert.equal((await post(url, issuer.mint(), callTool("greet"))).status, 200);
  }
});

test("C17: a body over the limit is 413", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/mcp", { MAX_BODY_BYTES: "100" });
  assert.equal((await post(site.url, issuer.mint(), " ".repeat(101))).status, 413);
});

test("C19: the second request works like the first", async (t) => {
  const issuer = await Issuer.start(t);
  const site = await startSite(t, issuer, "/");
  for (let i = 0; i < 3; i++) {
    assert.match(await (await post(site.url, issuer.mint(), callTool("greet"))).text(), /Hello, Ada!/);
  }
});
