import type { Problems } from "./problems.js";
import { secureURL } from "./urls.js";

/** Protected resource metadata from the Scalekit dashboard (RFC 9728 section 2). */
export interface Metadata {
  document: string; // served as it is
  resource: URL;
  authorizationServers: string[];
}

const name = "PROTECTED_RESOURCE_METADATA";
const copyIt = "copy the metadata JSON from the MCP server's page in the Scalekit dashboard";

export function readMetadata(value: string, problems: Problems): Metadata | undefined {
  const document = unquote(value.trim());
  if (document === "") {
    problems.add(name, `not set: ${copyIt}`);
    return undefined;
  }
  const fields = parseObject(document);
  if (fields === undefined) {
    problems.add(name, `not a JSON object: ${copyIt}, on one line`);
    return undefined;
  }
  const placeholder = /<[^<>]+>/.exec(document);
  if (placeholder !== null) {
    problems.add(
      name,
      `holds the placeholder ${placeholder[0]}: set the Server URL of the MCP server in the Scalekit dashboard and copy the JSON again`,
    );
    return undefined;
  }
  const resource = readResource(fields.resource, problems);
  const authorizationServers = readAuthorizationServers(fields.authorization_servers, problems);
  return resource && authorizationServers && { document, resource, authorizationServers };
}

/** The res_… ids of the authorization servers. */
export function resourceIDs(metadata: Metadata): string[] {
  return metadata.authorizationServers.map((server) => server.slice(server.lastIndexOf("/") + 1)).filter((id) => id.startsWith("res_"));
}

function readResource(value: unknown, problems: Problems): URL | undefined {
  if (typeof value !== "string" || value === "") {
    problems.add(name, "resource is not a URL: set the Server URL of the MCP server in the Scalekit dashboard and copy the JSON again");
    return undefined;
  }
  try {
    return secureURL(value);
  } catch (error) {
    problems.add(name, `resource: ${(error as Error).message}: use the URL that people type into an MCP client`);
    return undefined;
  }
}

function readAuthorizationServers(value: unknown, problems: Problems): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every((entry) => typeof entry === "string")) {
    problems.add(name, "authorization_servers is not a list of URLs: it holds https://<environment>.scalekit.com/resources/res_…");
    return undefined;
  }
  for (const server of value) {
    try {
      secureURL(server);
    } catch (error) {
      problems.add(name, `authorization_servers: ${(error as Error).message}`);
      return undefined;
    }
  }
  return value;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes one pair of quotes around the value: docker --env-file keeps them. */
function unquote(value: string): string {
  return /^(['"])[\s\S]*\1$/.test(value) && value.length > 1 ? value.slice(1, -1) : value;
}
