import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import { Keys } from "../auth/keys.js";
import { Verifier } from "../auth/token.js";
import { loadConfig } from "../config/config.js";
import type { Environment } from "../config/endpoint.js";
import { createLogger } from "../log.js";
import { createApp } from "../server/app.js";
import { createTools } from "../tools/tools.js";
import { type Issuer, resourceID } from "./issuer.js";

/** A running server for the tests, with what it has logged. */
export interface Site {
  origin: string;
  url: string; // of the MCP endpoint
  log: string[];
}

/** Starts the server with its real routes on a free port. It ends with the test. */
export async function startSite(test: TestContext, issuer: Issuer, mcpPath: string, settings: Environment = {}): Promise<Site> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const log: string[] = [];
  const logger = createLogger("info", (line) => log.push(line));
  const config = loadConfig({ ...issuer.environment(mcpPath, port), ...settings }, mcpPath);
  const verifier = new Verifier(new Keys(`${issuer.url}/keys`, logger), config.issuers, config.audiences);
  server.on(
    "request",
    createApp(config, mcpPath, verifier, () => createTools("test", "0"), logger),
  );
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${port}`;
  return { origin, url: origin + mcpPath, log };
}

/** The token check of a server at http://localhost:3002/mcp that trusts issuer. */
export function verifierOf(issuer: Issuer): Verifier {
  const keys = new Keys(`${issuer.url}/keys`, createLogger("error"));
  return new Verifier(keys, [issuer.url, `${issuer.url}/resources/${resourceID}`], [resourceID, "http://localhost:3002/mcp"]);
}

/** Posts a JSON-RPC body the way MCP clients do. */
export function post(url: string, token: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(token && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function callTool(name: string, id = 1): object {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: name === "greet" ? { name: "Ada" } : {} } };
}
