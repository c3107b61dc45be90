import { McpServer, requireScopes } from "@modelcontextprotocol/server";
import * as z from "zod";

import { callerOf } from "../auth/guard.js";

/** Makes the MCP server with every tool. One is made for each request: it holds nothing between them. */
export function createTools(name: string, version: string): McpServer {
  const server = new McpServer({ name, version });

  server.registerTool(
    "greet",
    {
      description: "Greet someone by name",
      inputSchema: z.object({ name: z.string().describe("who to greet") }),
      outputSchema: z.object({ greeting: z.string() }),
    },
    ({ name }) => answer({ greeting: `Hello, ${name}!` }),
  );

  server.registerTool(
    "whoami",
    {
      description: "Show who is calling, as the access token says",
      outputSchema: z.object({ subject: z.string(), client_id: z.string(), organization: z.string(), scopes: z.array(z.string()) }),
      scopeChallenge: requireScopes("notes:read"),
    },
    (context) => {
      const caller = callerOf(context);
      return answer({ subject: caller.subject, client_id: caller.clientID, organization: caller.organization, scopes: caller.scopes });
    },
  );

  return server;
}

/** A result in both forms: as data, and as text for clients that read no data. */
function answer<T extends Record<string, unknown>>(value: T) {
  return { structuredContent: value, content: [{ type: "text" as const, text: JSON.stringify(value) }] };
}
