import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { Router } from "express";

import { guard } from "../auth/guard.mjs";
import { checkHost, checkOrigin } from "./browser.mjs";
import { limitInFlight } from "./limits.mjs";
import { health, metadataPaths, metadataURL, serveMetadata } from "./public.mjs";

const maxInFlight = 128; // MCP requests being answered at one time

/** The MCP endpoint at mcpPath, which requires a valid access token, and the public routes. Nothing else is found. */
export function createRoutes(config, mcpPath, verifier, createTools, log) {
  const options = {
    maxRequestBodySize: config.maxBodyBytes,
    onerror: (error) => log.warn("answering MCP failed", { error: error.message }),
  };
  const mcp = toNodeHandler(createMcpHandler(createTools, options), options);

  const routes = Router({ caseSensitive: true });
  routes.use(checkHost(config, log));
  routes.get("/health", health);
  routes.all(metadataPaths(config.resource), serveMetadata(config.metadata));
  routes.all(
    mcpPath,
    checkOrigin(config, log),
    guard(verifier, metadataURL(config.resource), log),
    limitInFlight(maxInFlight, log),
    (request, response, next) => {
      mcp(request, response, request.body).catch(next); // the body is there if somebody has read it
    },
  );
  routes.use(notFound, failed(log));
  return routes;
}

const notFound = (_, response) => {
  response.status(404).type("text/plain").send("not found");
};

/** Express would answer with a stack trace. */
function failed(log) {
  return (error, _request, response, next) => {
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
