import type { McpServer } from "@modelcontextprotocol/server";
import express, { type Express } from "express";

import type { Verifier } from "../auth/token.js";
import type { Config } from "../config/config.js";
import type { Logger } from "../log.js";
import { createRoutes } from "./routes.js";

/** The server: the MCP endpoint at mcpPath, and nothing besides it and its public routes. */
export function createApp(config: Config, mcpPath: string, verifier: Verifier, createTools: () => McpServer, log: Logger): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(createRoutes(config, mcpPath, verifier, createTools, log));
  return app;
}
