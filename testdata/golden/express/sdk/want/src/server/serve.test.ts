import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";

import { loadConfig } from "../config/config.js";
import { createLogger } from "../log.js";
import { Issuer } from "../testing/issuer.js";
import { serve } from "./serve.js";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("C17: a signal lets the requests in flight finish", async (t) => {
  const issuer = await Issuer.start(t);
  const port = await freePort();
  const stop = new AbortController();
  let finish = () => {};
  const arrived = new Promise<void>((resolve) => {
    const served = serve(
      loadConfig(issuer.environment("/mcp", port), "/mcp"),
      (_, response) => {
        finish = () => response.end("done");
        resolve();
      },
      createLogger("error"),
      stop.signal,
    );
    t.after(() => served);
  });
  const answer = fetch(`http://127.0.0.1:${port}/`);
  await arrived;
  stop.abort();
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  finish();
  assert.equal(await (await answer).text(), "done");
});

test("a port that is taken is an error", async (t) => {
  const issuer = await Issuer.start(t);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  t.after(() => taken.close());
  const config = loadConfig(issuer.environment("/mcp", (taken.address() as AddressInfo).port), "/mcp");
  await assert.rejects(
    serve(config, () => {}, createLogger("error"), new AbortController().signal),
    /EADDRINUSE/,
  );
});
