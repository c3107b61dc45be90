import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, type McpServer } from "@modelcontextprotocol/server";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";

import { guard } from "../auth/guard.js";
import type { Keys } from "../auth/keys.js";
import { Verifier } from "../auth/token.js";
import type { Config } from "../config/config.js";
import type { Logger } from "../log.js";
import { checkHost, checkOrigin } from "./browser.js";
import { limitInFlight } from "./limits.js";
import { health, metadataPaths, metadataURL, serveMetadata } from "./public.js";

const maxInFlight = 128; // MCP requests being answered at one time

/** The server's routes: the MCP endpoint at mcpPath, which requires a valid access token, and the public ones. */
export function createApp(config: Config, mcpPath: string, keys: Keys, createTools: () => McpServer, log: Logger): Express {
  const verifier = new Verifier(keys, config.issuers, config.audiences);
  const options = {
    maxRequestBodySize: config.maxBodyBytes,
    onerror: (error: Error) => log.warn("answering MCP failed", { error: error.message }),
  };
  const mcp = toNodeHandler(createMcpHandler(createTools, options), options);

  const app = express();
  app.disable("x-powered-by");
  app.enable("case sensitive routing");
  app.use(checkHost(config, log));
  app.get("/health", health);
  app.all(metadataPaths(config.resource), serveMetadata(config.metadata));
  app.all(
    mcpPath,
    checkOrigin(config, log),
    guard(verifier, metadataURL(config.resource), log),
    limitInFlight(maxInFlight, log),
    (request, response) => mcp(request, response),
  );
  app.use(notFound, failed(log));
  return app;
}

const notFound: RequestHandler = (_, response) => {
  response.status(404).type("text/plain").send("not found");
};

/** Express would answer with a stack trace. */
function failed(log: Logger): ErrorRequestHandler {
  return (error: { status?: number; message?: string }, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = error.status ?? 500;
    log.warn("request failed", { status, error: error.message });
    response
      .status(status)
      .type("text/plain")
      .send(status < 500 ? "bad request" : "internal error");
  };
}
